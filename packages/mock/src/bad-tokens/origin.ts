import { createPrivateKey } from 'node:crypto'
import { bad, type Forge } from './forge.js'

/** Valid tokens from another issuer or for another purpose (RFC 8725 §2.8). */
export const ORIGIN_RECIPES = {
  'other-environment': bad(
    'wrong_environment',
    'is issued by Maskinporten’s production, or for a production API by its test environment',
    (forge) => {
      const { issuer } = forge.material.from
      const isProduction = issuer === 'https://maskinporten.no/'
      return forge.issue({ issuer: `https://${isProduction ? 'test.' : ''}maskinporten.no/` })
    },
  ),
  'id-porten': bad('idporten_token', 'is issued by ID-porten, to a person', (forge) =>
    issuedElsewhere(forge, {
      iss: 'https://test.idporten.no',
      sub: 'gQPXUGkxFiM1bJYNV8aYXGtsVZAeyqJGDDsIdtiPrWQ',
      acr: 'idporten-loa-high',
    }),
  ),
  skyporten: bad('skyporten_token', 'is issued by Skyporten', (forge) =>
    issuedElsewhere(forge, { iss: 'https://test.sky.maskinporten.no', sub: '0192:314330897' }),
  ),
  'altinn-exchanged': bad('altinn_token', 'was exchanged for a token of Altinn’s', (forge) =>
    issuedElsewhere(forge, { iss: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' }),
  ),
  'client-assertion': bad(
    'client_assertion',
    'is the assertion with which a client requests a token',
    (forge) => {
      const { client, from } = forge.material
      const { privateJwk } = client.keys ?? {}
      if (!privateJwk) throw new TypeError('The default client has a key')
      const now = forge.now()
      const { scope, jti } = forge.claims()
      const claims = { aud: from.issuer, iss: client.clientId, scope, iat: now, exp: now + 30, jti }
      const header = { kid: privateJwk.kid, typ: 'JWT', alg: 'RS256' }
      return forge.seal(claims, header, createPrivateKey({ key: privateJwk, format: 'jwk' }))
    },
  ),
}

/** Returns a token that is signed with another issuer's key. */
async function issuedElsewhere(forge: Forge, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const header = forge.header({ kid: 'their-key' })
  return forge.seal({ ...forge.claims(), ...claims }, header, await forge.material.strangersKey())
}
