import { Agent, request } from 'node:http'
import { AUDIENCE, ISSUER, SCOPE } from '../setting.mjs'

/** A contestant that only exchanges one request with Texas: the minimum cost of a decision. */
export const BARE = 'bare exchange'
/** A second contestant like `BARE`. The difference between the two is noise. */
export const CONTROL = 'bare exchange again'

/** The contestants of the Texas part, with the same members as `CALLS` in calls.mjs. */
export const TEXAS_CALLS = {
  [BARE]: { open: openBare },
  [CONTROL]: { open: openBare },
  'keys alone': decidedBy('createMaskinportenValidator'),
  'keys and Texas': decidedBy('createTexasValidator'),
  'keys and Texas, by fetch': decidedBy('createTexasValidator', { fetch: (url, init) => fetch(url, init) }),
}

function decidedBy(create, options) {
  return {
    async open({ jwks, introspectionEndpoint, validatorOptions }) {
      const core = await import('@portvakt/core')
      const validator = core[create]({
        issuer: ISSUER,
        audience: AUDIENCE,
        jwks,
        ...(create === 'createTexasValidator' && { introspectionEndpoint }),
        ...options,
        ...validatorOptions,
      })
      return {
        call: (token) => validator.decide(`Bearer ${token}`, SCOPE),
        accepted: (decision) => decision.allowed,
      }
    },
  }
}

async function openBare({ introspectionEndpoint }) {
  const agent = new Agent({ keepAlive: true })
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const call = (token) =>
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
  return { call, accepted: (isActive) => isActive }
}
