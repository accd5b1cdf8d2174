import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** Starts a stand-in for Entra ID. It signs with its own key, and publishes that key on this machine. */
export async function startPretendEntraId() {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'entra', use: 'sig', alg: 'RS256' }
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = 'https://login.microsoftonline.com/966ac572-f5b7-4bbe-aa88-c76419c0f851/v2.0'
  const audience = '88a4e2b1-2a0c-4d8f-9d6e-0a7f2b1c5d3e'
  return {
    env: {
      AZURE_OPENID_CONFIG_ISSUER: issuer,
      AZURE_OPENID_CONFIG_JWKS_URI: url,
      AZURE_APP_CLIENT_ID: audience,
    },
    /** Issues a token to an application. `claims` override the defaults. */
    issueToken: (claims: Readonly<Record<string, unknown>> = {}, kid = 'entra') =>
      new SignJWT({
        iss: issuer,
        aud: audience,
        azp: 'a-client-of-ours',
        roles: ['access_as_application'],
        iat: Math.floor(Date.now() / 1000),
        exp: Math.floor(Date.now() / 1000) + 3600,
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .sign(privateKey),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
