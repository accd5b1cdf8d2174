import { createPrivateKey } from 'node:crypto'
import type { Forge } from './forge.js'
import { recipes } from './recipe.js'

/** Tokens that are good elsewhere, or for something else, RFC 8725 §2.8. */
export const ORIGIN_RECIPES = recipes({
  'other-environment': {
    meaning: 'is issued by Maskinporten’s production, or for a production API by its test environment',
    reason: 'wrong_environment',
    make: (forge) =>
      forge.issue({
        issuer:
          forge.material.from.issuer === 'https://maskinporten.no/'
            ? 'https://test.maskinporten.no/'
            : 'https://maskinporten.no/',
      }),
  },
  'id-porten': {
    meaning: 'is issued by ID-porten, to a person',
    reason: 'idporten_token',
    make: (forge) =>
      elsewhere(forge, {
        iss: 'https://test.idporten.no',
        sub: 'gQPXUGkxFiM1bJYNV8aYXGtsVZAeyqJGDDsIdtiPrWQ',
        acr: 'idporten-loa-high',
      }),
  },
  skyporten: {
    meaning: 'is issued by Skyporten',
    reason: 'skyporten_token',
    make: (forge) => elsewhere(forge, { iss: 'https://test.sky.maskinporten.no', sub: '0192:314330897' }),
  },
  'altinn-exchanged': {
    meaning: 'was exchanged for a token of Altinn’s',
    reason: 'altinn_token',
    make: (forge) =>
      elsewhere(forge, { iss: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' }),
  },
  'client-assertion': {
    meaning: 'is the assertion with which a client asks for a token',
    reason: 'client_assertion',
    make(forge) {
      const { client, from } = forge.material
      const { privateJwk } = client.keys ?? {}
      if (!privateJwk) throw new TypeError('The default client has a key')
      const now = forge.now()
      const { scope, jti } = forge.claims()
      const claims = { aud: from.issuer, iss: client.clientId, scope, iat: now, exp: now + 30, jti }
      const header = { kid: privateJwk.kid, typ: 'JWT', alg: 'RS256' }
      return forge.seal(header, claims, createPrivateKey({ key: privateJwk, format: 'jwk' }))
    },
  },
})

/** Signed by whoever issues such tokens. */
async function elsewhere(forge: Forge, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const header = forge.header({ kid: 'their-key' })
  return forge.seal(header, { ...forge.claims(), ...claims }, await forge.material.strangersKey())
}
