import { createPublicKey, subtle, verify } from 'node:crypto'
import { AUDIENCE, CONSUMER, ISSUER, SCOPE } from '../setting.mjs'

/** The contestant that only verifies the signature: the minimum for a new token on Node. */
export const VERIFICATION = 'crypto.verify'

/**
 * Libraries that are called with a token. Each has keys that are loaded in advance, and the settings that its
 * documentation recommends for speed. Each checks issuer, audience, times and signature. Libraries that
 * support scopes check the scope as well.
 *
 * - `modules`: the modules that its users import
 * - `open(setting)`: resolves to an object with these functions:
 *   - `call` verifies a token
 *   - `accepted` tells whether a result of `call` accepts the token; present if a result can be a refusal
 *   - `prepare` turns the token into the input of `call`, and is not measured; present if the token itself is
 *     not the input
 * - `isSync`: true if the call returns its verdict without a promise
 * - `knowsScopes`: true if the library can refuse a token for its scope
 */
export const CALLS = {
  portvakt: {
    modules: ['@portvakt/core'],
    knowsScopes: true,
    takesHeader: true,
    async open({ jwksUri, keySet, validatorOptions, rules = 1 }) {
      const { createMaskinportenValidator } = await import('@portvakt/core')
      const { createGuard } = await import('@portvakt/core/adapter')
      const keys = keySet ? { jwks: keySet } : { jwksUri }
      const validator = createMaskinportenValidator({
        issuer: ISSUER,
        audience: AUDIENCE,
        ...keys,
        ...validatorOptions,
      })
      // Every adapter creates such a context for a request.
      const context = { request: {} }
      const accepted = (decision) => decision.allowed
      if (rules === 1) {
        const guard = createGuard(SCOPE, { validator })
        return { call: (header) => guard(header, context), accepted }
      }
      const guards = Array.from({ length: rules }, (_, index) => createGuard(ruleAt(index), { validator }))
      let next = 0
      return { call: (header) => guards[next++ % rules](header, context), accepted }
    },
  },

  'jose.jwtVerify, imported key': {
    modules: ['jose'],
    open: ({ jwks }) => openJose(({ importJWK }) => importJWK(jwks.keys[0], 'RS256')),
  },

  'jose.jwtVerify, remote set': {
    modules: ['jose'],
    open: ({ jwksUri }) => openJose(({ createRemoteJWKSet }) => createRemoteJWKSet(new URL(jwksUri))),
  },

  'fast-jwt, cache': {
    modules: ['fast-jwt'],
    isSync: true,
    open: ({ jwks, cacheSize }) => openFastJwt(jwks, { cache: cacheSize }),
  },

  // This is the fastest cache of fast-jwt, without the hashing that its documentation recommends.
  'fast-jwt, cache by whole token': {
    modules: ['fast-jwt'],
    isSync: true,
    open: ({ jwks, cacheSize }) => openFastJwt(jwks, { cache: cacheSize, cacheKeyBuilder: (token) => token }),
  },

  'aws-jwt-verify': {
    modules: ['aws-jwt-verify'],
    isSync: true,
    knowsScopes: true,
    async open({ jwks }) {
      const verifier = await openAwsJwtVerify(jwks)
      return { call: (token) => verifier.verifySync(token) }
    },
  },

  // The next two contestants are not libraries. They only verify the signature, which every new token
  // requires.
  [VERIFICATION]: {
    modules: [],
    isBare: true,
    isSync: true,
    async open({ jwks }) {
      const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' })
      const call = ([signature, signed]) => verify('RSA-SHA256', signed, key, signature)
      return { prepare: signatureAndSigned, call, accepted: (verdict) => verdict }
    },
  },

  'subtle.verify alone': {
    modules: [],
    isBare: true,
    async open({ jwks }) {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      const key = await subtle.importKey('jwk', jwks.keys[0], algorithm, false, ['verify'])
      return {
        prepare: signatureAndSigned,
        call: ([signature, signed]) => subtle.verify(algorithm, key, signature, signed),
        accepted: (verdict) => verdict,
      }
    },
  },
}

function signatureAndSigned(token) {
  const end = token.lastIndexOf('.')
  return [Buffer.from(token.slice(end + 1), 'base64url'), Buffer.from(token.slice(0, end), 'latin1')]
}

/** Returns one of many different rules. Every valid token meets each of them. */
function ruleAt(index) {
  return {
    scope: { anyOf: [SCOPE, `nav:bench.${index}`] },
    ...(index & 1 && { audience: AUDIENCE }),
    ...(index & 2 && { consumers: [CONSUMER, String(100_000_000 + index)] }),
    ...(index & 4 && { delegation: 'forbidden' }),
  }
}

export function pemOf({ keys: [jwk] }) {
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
}

async function openJose(keyFrom) {
  const { jwtVerify, ...jose } = await import('jose')
  const key = await keyFrom(jose)
  const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] }
  return { call: (token) => jwtVerify(token, key, rules) }
}

async function openFastJwt(jwks, options) {
  const { createVerifier } = await import('fast-jwt')
  const verify = createVerifier({
    key: pemOf(jwks),
    algorithms: ['RS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    ...options,
  })
  return { call: verify }
}

/** Gives aws-jwt-verify its keys by a documented option, because it fetches keys only over https. */
export async function openAwsJwtVerify(jwks) {
  const { JwtVerifier } = await import('aws-jwt-verify')
  const verifier = JwtVerifier.create({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}jwk`,
    scope: SCOPE,
  })
  verifier.cacheJwks(jwks)
  return verifier
}
