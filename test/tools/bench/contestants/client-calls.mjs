import { subtle } from 'node:crypto'

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const FORM = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }

/**
 * The contestants of the client part, with the same members as `CALLS` in calls.mjs. Their inputs are token
 * requests: `inputAt(set, index)` makes one.
 */
export const CLIENT_CALLS = {
  client: { open: openClient, inputAt: tokenRequest },
  // The least work that gets a token: a signature by WebCrypto and one `fetch`.
  'a signature and a fetch': { open: openBare, inputAt: tokenRequest },
}

const requests = {}

/** Returns the same object each time, as an application with a constant request does. */
function tokenRequest(set, index) {
  const scope = `nav:${set}.${index}`
  requests[scope] ??= { scope }
  return requests[scope]
}

async function openClient({ jwk, issuer, tokenEndpoint }) {
  const { createMaskinportenClient } = await import('@portvakt/client')
  const options = { clientId: 'bench', key: { jwk }, issuer, tokenEndpoint, insecureHttp: true }
  const client = createMaskinportenClient(options)
  return { call: (request) => client.getToken(request), accepted: ({ accessToken }) => accessToken !== '' }
}

async function openBare({ jwk, issuer, tokenEndpoint }) {
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
