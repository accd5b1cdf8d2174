import { encodePart } from '../maskinporten/access-token.js'
import { bad, type Forge, partsOf, type Recipe } from './forge.js'

/**
 * Tokens that are not a JWS in compact form, or whose payload is not JSON claims (RFC 7515 §2 and §3.1, RFC
 * 7519 §7.2).
 */
export const COMPACT_JWS_RECIPES = {
  opaque: malformed('is a reference, not a JWT', () => 'IxC0B76vlWl3fiQhAwZUmD0hr_PPwC9hSIXRdoUslPU'),
  'two-parts': malformed('has two parts', async (forge) => {
    const [header, payload] = partsOf(await forge.issue())
    return `${header}.${payload}`
  }),
  'four-parts': malformed('has four parts', async (forge) => `${await forge.issue()}.AAAA`),
  encrypted: malformed(
    'is encrypted, with an iteration count that would keep a decrypter busy',
    () => `${encodePart({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 })}.AAAA.AAAA.AAAA.AAAA`,
  ),
  'json-serialization': bad('token_response', 'is a JWS in JSON', async (forge) => {
    const [header, payload, signature] = partsOf(await forge.issue())
    return JSON.stringify({ protected: header, payload, signature })
  }),
  'token-response': bad(
    'token_response',
    'is the whole token response, and not its access_token',
    async (forge) =>
      JSON.stringify({ access_token: await forge.issue(), token_type: 'Bearer', expires_in: 119 }),
  ),
  nested: malformed('is a JWT within a JWT', async (forge) =>
    forge.seal(await forge.issue(), forge.header({ cty: 'JWT' })),
  ),
  'claims-in-a-list': malformed('has its claims in a list', (forge) => forge.seal([forge.claims()])),
  'claims-null': malformed('has null for claims', (forge) => forge.seal('null')),
  'claims-and-more': malformed('has more JSON after its claims', (forge) =>
    forge.seal(`${JSON.stringify(forge.claims())}{}`),
  ),
  'byte-order-mark': malformed('has claims with a byte order mark', (forge) =>
    forge.seal(`\uFEFF${JSON.stringify(forge.claims())}`),
  ),
  'invalid-utf8': malformed('has claims that are not UTF-8', (forge) =>
    forge.seal(Buffer.from(withMember(forge, '"x":"\xff"'), 'latin1')),
  ),
  'inherited-claims': malformed('has a claim __proto__, from which a copy would inherit', (forge) =>
    forge.seal(withMember(forge, '"__proto__":{"scope":"admin"}')),
  ),
  'deep-claims': malformed('has claims that are nested 100 levels deep', (forge) =>
    forge.seal(withMember(forge, `"x":${'['.repeat(100)}${']'.repeat(100)}`)),
  ),
  'too-large': bad('token_too_large', 'is larger than 16 KiB', { claims: { padding: 'x'.repeat(13_000) } }),
  padded: malformed('has the padding of base64', async (forge) => `${await forge.issue()}==`),
  'standard-base64': malformed('is in base64 and not in base64url', async (forge) => {
    let token = await forge.issue()
    // Repeat until the token contains `-` or `_`. Few tokens have neither.
    while (!/[-_]/.test(token)) token = await forge.issue()
    return token.replaceAll('-', '+').replaceAll('_', '/')
  }),
  'non-canonical-base64': malformed(
    'is encoded differently from the same bytes: unused bits of the last character are set',
    async (forge) => {
      const token = await forge.issue()
      // A signature of 256 bytes ends in A, Q, g or w, because the last four bits are unused. The next letter
      // sets one of these bits.
      return token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1)
    },
  ),
  'white-space': malformed('contains a space', async (forge) => (await forge.issue()).replace('.', ' .')),
}

/** Returns a good token's claims as JSON, with an extra member that `JSON.stringify` cannot write. */
function withMember(forge: Forge, member: string): string {
  return `{${member},${JSON.stringify(forge.claims()).slice(1)}`
}

function malformed(meaning: string, make: Recipe['make']): Recipe {
  return bad('malformed_token', meaning, make)
}
