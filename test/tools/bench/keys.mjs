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
 * A well-formed key with a random modulus and no private key. Verifying a signature with this key always
 * fails, but only after the full computation.
 */
export function decoyKey(kid, bits = 2048) {
  const modulus = randomBytes(bits / 8)
  modulus[0] |= 0x80
  modulus[modulus.length - 1] |= 1
  return { kty: 'RSA', use: 'sig', alg: 'RS256', kid, n: modulus.toString('base64url'), e: 'AQAB' }
}
