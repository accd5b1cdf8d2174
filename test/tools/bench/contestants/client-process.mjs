import { subtle } from 'node:crypto'
import { createMaskinportenClient } from '@portvakt/client'
import { answerWith } from '../../processes.mjs'
import { quantile } from '../statistics.mjs'
import { makeCalls } from './make-calls.mjs'

/**
 * The process of a client or, with `isBare`, of the least work that gets a token: a signature by WebCrypto
 * and one `fetch`.
 */

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const FORM = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }

let get
let minted = 0

answerWith({
  async open({ isBare, jwk, issuer, tokenEndpoint }) {
    get = isBare ? await openBare(jwk, issuer, tokenEndpoint) : openClient(jwk, issuer, tokenEndpoint)
  },

  /** Gets `count` tokens that no cache has. */
  mint({ count, inFlight }) {
    const requests = Array.from({ length: count }, () => ({ scope: `nav:bench.${minted++}` }))
    return measured(requests, { inFlight, latencies: [] })
  },

  /** Gets the cached tokens of `live` different token requests, in turn. */
  async hit({ count, live }) {
    const requests = Array.from({ length: live }, (_, index) => ({ scope: `nav:cached.${index}` }))
    const inTurn = (total) => Array.from({ length: total }, (_, index) => requests[index % live])
    // Fills the cache, and lets V8 compile the code.
    await makeCalls(get, inTurn(live + count / 10), { inFlight: 1, expected: true })
    return measured(inTurn(count), { inFlight: 1 })
  },
})

function openClient(jwk, issuer, tokenEndpoint) {
  const options = { clientId: 'bench', key: { jwk }, issuer, tokenEndpoint, insecureHttp: true }
  const client = createMaskinportenClient(options)
  return { call: (request) => client.getToken(request), accepted: ({ accessToken }) => accessToken !== '' }
}

async function openBare(jwk, issuer, tokenEndpoint) {
  const key = await subtle.importKey('jwk', jwk, RSA, false, ['sign'])
  const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const header = encoded({ alg: 'RS256', kid: jwk.kid, typ: 'JWT' })
  async function call({ scope }) {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { aud: issuer, iss: 'bench', scope, iat, exp: iat + 30, jti: crypto.randomUUID() }
    const signed = `${header}.${encoded(claims)}`
    const signature = Buffer.from(await subtle.sign(RSA.name, key, Buffer.from(signed, 'latin1')))
    const body = new URLSearchParams({ ...FORM, assertion: `${signed}.${signature.toString('base64url')}` })
    const response = await fetch(tokenEndpoint, { method: 'POST', body })
    return response.json()
  }
  return { call, accepted: (answer) => answer.access_token !== '' }
}

/** @returns figures in microseconds per call, and the calls per second */
async function measured(requests, { inFlight, latencies }) {
  const cpuBefore = process.cpuUsage()
  const before = performance.now()
  const wrong = await makeCalls(get, requests, { inFlight, expected: true, latencies })
  const wall = (performance.now() - before) * 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  latencies?.sort((a, b) => a - b)
  const { length } = requests
  return {
    cpu: (user + system) / length,
    user: user / length,
    wall: wall / length,
    perSecond: (length / wall) * 1e6,
    ...(latencies && { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }),
    wrong,
  }
}
