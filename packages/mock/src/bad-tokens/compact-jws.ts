import { encodePart } from '../maskinporten/access-token.js'
import { bad, type Forge, partsOf } from './forge.js'

/** Tokens that are not a JWS in compact form, or do not have JSON claims, RFC 7515 §2, §3.1 and RFC 7519 §7.2. */
export const COMPACT_JWS_RECIPES = {
  opaque: bad(
    'malformed_token',
    'is a reference, not a JWT',
    () => 'IxC0B76vlWl3fiQhAwZUmD0hr_PPwC9hSIXRdoUslPU',
  ),
  'two-parts': bad('malformed_token', 'has two parts', async (forge) =>
    partsOf(await forge.issue())
      .slice(0, 2)
      .join('.'),
  ),
  'four-parts': bad('malformed_token', 'has four parts', async (forge) => `${await forge.issue()}.AAAA`),
  encrypted: bad(
    'malformed_token',
    'is encrypted: five parts, and a count that would keep a decrypter busy',
    () => `${encodePart({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 })}.AAAA.AAAA.AAAA.AAAA`,
  ),
  'json-serialization': bad('token_response', 'is a JWS in JSON', async (forge) => {
    const [header, payload, signature] = partsOf(await forge.issue())
    return JSON.stringify({ protected: header, payload, signature })
  }),
  'token-response': bad(
    'token_response',
    'is the whole token response, of which only access_token is the token',
    async (forge) =>
      JSON.stringify({ access_token: await forge.issue(), token_type: 'Bearer', expires_in: 119 }),
  ),
  nested: bad('malformed_token', 'is a JWT within a JWT', async (forge) =>
    forge.seal(forge.header({ cty: 'JWT' }), await forge.issue()),
  ),
  'claims-in-a-list': bad('malformed_token', 'has its claims in a list', (forge) =>
    forge.seal(forge.header(), [forge.claims()]),
  ),
  'claims-null': bad('malformed_token', 'has null for claims', (forge) => forge.seal(forge.header(), 'null')),
  'claims-and-more': bad('malformed_token', 'has more JSON after its claims', (forge) =>
    forge.seal(forge.header(), `${JSON.stringify(forge.claims())}{}`),
  ),
  'byte-order-mark': bad('malformed_token', 'has claims with a byte order mark', (forge) =>
    forge.seal(forge.header(), `\uFEFF${JSON.stringify(forge.claims())}`),
  ),
  'invalid-utf8': bad('malformed_token', 'has claims that are not UTF-8', (forge) =>
    forge.seal(forge.header(), Buffer.from(withMember(forge, '"x":"\xff"'), 'latin1')),
  ),
  'inherited-claims': bad(
    'malformed_token',
    'has a claim __proto__, which copies would inherit from',
    (forge) => forge.seal(forge.header(), withMember(forge, '"__proto__":{"scope":"admin"}')),
  ),
  'deep-claims': bad('malformed_token', 'has claims a hundred deep', (forge) =>
    forge.seal(forge.header(), withMember(forge, `"x":${'['.repeat(100)}${']'.repeat(100)}`)),
  ),
  'too-large': bad('token_too_large', 'is larger than 16 KiB', { claims: { padding: 'x'.repeat(13_000) } }),
  padded: bad('malformed_token', 'is padded', async (forge) => `${await forge.issue()}==`),
  'standard-base64': bad('malformed_token', 'is in base64 and not in base64url', async (forge) => {
    let token = await forge.issue()
    // Very few signatures have neither character.
    while (!/[-_]/.test(token)) token = await forge.issue()
    return token.replaceAll('-', '+').replaceAll('_', '/')
  }),
  'non-canonical-base64': bad(
    'malformed_token',
    'is encoded differently from the same bytes: unused bits of the last character are set',
    async (forge) => {
      const token = await forge.issue()
      // 256 bytes leave four bits of the last character unused, and the alphabet is in their order.
      return token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1)
    },
  ),
  'white-space': bad('malformed_token', 'has a space within', async (forge) =>
    (await forge.issue()).replace('.', ' .'),
  ),
}

/** The claims of a good token and one more, in JSON that `JSON.stringify` would not write. */
function withMember(forge: Forge, member: string): string {
  return `{${member},${JSON.stringify(forge.claims()).slice(1)}`
}
