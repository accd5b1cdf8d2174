import { encodePart } from '../maskinporten/access-token.js'
import { type Forge, partsOf } from './forge.js'
import { recipes } from './recipe.js'

/** Tokens that are not spelt as a signed JWT is, RFC 7515 §2, §3.1 and RFC 7519 §7.2. */
export const SPELLING_RECIPES = recipes({
  opaque: {
    meaning: 'is a reference, and no JWT',
    reason: 'malformed_token',
    make: () => 'IxC0B76vlWl3fiQhAwZUmD0hr_PPwC9hSIXRdoUslPU',
  },
  'two-parts': {
    meaning: 'has two parts',
    reason: 'malformed_token',
    make: async (forge) =>
      partsOf(await forge.issue())
        .slice(0, 2)
        .join('.'),
  },
  'four-parts': {
    meaning: 'has four parts',
    reason: 'malformed_token',
    make: async (forge) => `${await forge.issue()}.AAAA`,
  },
  encrypted: {
    meaning: 'is encrypted: five parts, and a count that would keep a decrypter busy',
    reason: 'malformed_token',
    make: () =>
      `${encodePart({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 })}.AAAA.AAAA.AAAA.AAAA`,
  },
  'json-serialization': {
    meaning: 'is a JWS in JSON',
    reason: 'token_response',
    async make(forge) {
      const [header, payload, signature] = partsOf(await forge.issue())
      return JSON.stringify({ protected: header, payload, signature })
    },
  },
  'token-response': {
    meaning: 'is the whole token response, of which only access_token is the token',
    reason: 'token_response',
    make: async (forge) =>
      JSON.stringify({ access_token: await forge.issue(), token_type: 'Bearer', expires_in: 119 }),
  },
  nested: {
    meaning: 'is a JWT within a JWT',
    reason: 'malformed_token',
    make: async (forge) => forge.seal(forge.header({ cty: 'JWT' }), await forge.issue()),
  },
  'claims-in-a-list': {
    meaning: 'has its claims in a list',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), [forge.claims()]),
  },
  'claims-null': {
    meaning: 'has null for claims',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), 'null'),
  },
  'claims-and-more': {
    meaning: 'has something after its claims',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), `${JSON.stringify(forge.claims())}{}`),
  },
  'byte-order-mark': {
    meaning: 'has claims with a byte order mark',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), `\uFEFF${JSON.stringify(forge.claims())}`),
  },
  'invalid-utf8': {
    meaning: 'has claims that are not UTF-8',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), Buffer.from(withMember(forge, '"x":"\xff"'), 'latin1')),
  },
  'inherited-claims': {
    meaning: 'has a claim __proto__, which copies would inherit from',
    reason: 'malformed_token',
    make: (forge) => forge.seal(forge.header(), withMember(forge, '"__proto__":{"scope":"admin"}')),
  },
  'deep-claims': {
    meaning: 'has claims a hundred deep',
    reason: 'malformed_token',
    make: (forge) =>
      forge.seal(forge.header(), withMember(forge, `"x":${'['.repeat(100)}${']'.repeat(100)}`)),
  },
  'too-large': {
    meaning: 'is larger than 16 KiB',
    reason: 'token_too_large',
    make: (forge) => forge.claiming({ padding: 'x'.repeat(13_000) }),
  },
  padded: {
    meaning: 'is padded',
    reason: 'malformed_token',
    make: async (forge) => `${await forge.issue()}==`,
  },
  'standard-base64': {
    meaning: 'is in base64 and not in base64url',
    reason: 'malformed_token',
    async make(forge) {
      let token = await forge.issue()
      // Very few signatures have neither character.
      while (!/[-_]/.test(token)) token = await forge.issue()
      return token.replaceAll('-', '+').replaceAll('_', '/')
    },
  },
  'other-spelling': {
    meaning: 'is the same bytes in another spelling: unused bits of the last character are set',
    reason: 'malformed_token',
    async make(forge) {
      const token = await forge.issue()
      // 256 bytes leave four bits of the last character unused, and the alphabet is in their order.
      return token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1)
    },
  },
  'white-space': {
    meaning: 'has a space within',
    reason: 'malformed_token',
    make: async (forge) => (await forge.issue()).replace('.', ' .'),
  },
})

/** The claims of a good token and one more, in JSON that `JSON.stringify` would not write. */
function withMember(forge: Forge, member: string): string {
  return `{${member},${JSON.stringify(forge.claims()).slice(1)}`
}
