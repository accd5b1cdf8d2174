import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { listening } from '../connection.mjs'

/** Serves a key set on loopback. */
export async function serveKeys(jwks) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks))
  })
  return {
    url: `http://127.0.0.1:${await listening(server)}/jwk`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * A plausible key with a random modulus, which has no private key. A signature by it is always bad, and is
 * computed to the end.
 */
export function decoyKey(kid, bits = 2048) {
  const modulus = randomBytes(bits / 8)
  modulus[0] |= 0x80
  modulus[modulus.length - 1] |= 1
  return { kty: 'RSA', use: 'sig', alg: 'RS256', kid, n: modulus.toString('base64url'), e: 'AQAB' }
}
