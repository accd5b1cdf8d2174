import { Agent, request } from 'node:http'
import { createMaskinportenValidator, createTexasValidator } from '@portvakt/core'
import { AUDIENCE, ISSUER, SCOPE } from '../setting.mjs'

/** A contestant that only exchanges one request with Texas: the minimum cost of a decision. */
export const BARE = 'bare exchange'
/** A second bare exchange. Its difference from the first one is noise. */
export const CONTROL = 'bare exchange again'

/** Ways to verify a token. Each `open(setting)` resolves to a function from a token to a boolean. */
export const CALLS = {
  [BARE]: openBare,
  [CONTROL]: openBare,
  'keys alone': (setting) => openValidator(createMaskinportenValidator, setting),
  'keys and Texas': ({ introspectionEndpoint, ...setting }) =>
    openValidator(createTexasValidator, setting, { introspectionEndpoint }),
  'keys and Texas, by fetch': ({ introspectionEndpoint, ...setting }) =>
    openValidator(createTexasValidator, setting, {
      introspectionEndpoint,
      fetch: (url, init) => fetch(url, init),
    }),
}

async function openValidator(create, { jwks, validatorOptions }, options) {
  const validator = create({ issuer: ISSUER, audience: AUDIENCE, jwks, ...options, ...validatorOptions })
  return async (token) => (await validator.decide(`Bearer ${token}`, SCOPE)).allowed
}

async function openBare({ introspectionEndpoint }) {
  const agent = new Agent({ keepAlive: true })
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  return (token) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ identity_provider: 'maskinporten', token })
      const length = { 'content-length': Buffer.byteLength(body) }
      const options = { method: 'POST', agent, headers: { ...headers, ...length } }
      const exchange = request(introspectionEndpoint, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text.startsWith('{"active":true')))
        response.on('error', reject)
      })
      exchange.on('error', reject)
      exchange.end(body)
    })
}
