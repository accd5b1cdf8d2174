import { bad, header } from './forge.js'

/**
 * Tokens with a valid signature, but with a header that a guard must not follow (RFC 7515 §4.1, RFC 8725
 * §3.10).
 */
export const HEADER_RECIPES = {
  crit: bad('unsupported_header', 'requires an extension: crit', header({ crit: ['x'], x: 1 })),
  'crit-empty': bad('unsupported_header', 'has an empty crit, which RFC 7515 forbids', header({ crit: [] })),
  b64: bad('unsupported_header', 'claims that its payload is not encoded: b64', header({ b64: false })),
  enc: bad('unsupported_header', 'claims that it is encrypted, and is signed', header({ enc: 'A256GCM' })),
  'wrong-type': bad('wrong_type', 'is of another type: dpop+jwt', header({ typ: 'dpop+jwt' })),
  'kid-missing': bad('missing_key_id', 'does not name its key', header({ kid: undefined })),
  'kid-unknown': bad('unknown_key', 'names a key that is not published', header({ kid: 'unknown' })),
  'kid-path': bad('unknown_key', 'names a file as its key', header({ kid: '../../../../dev/null' })),
  'kid-query': bad(
    'malformed_token',
    'names a part of an SQL query as its key',
    header({ kid: "' UNION SELECT 'AA" }),
  ),
  'kid-line-break': bad(
    'malformed_token',
    'has a line break in the name of its key',
    header({ kid: 'a\r\nset-cookie: b' }),
  ),
  'kid-inherited': bad(
    'unknown_key',
    'names a member of every object as its key: __proto__',
    header({ kid: '__proto__' }),
  ),
  'kid-number': bad('malformed_token', 'has a number as its kid', header({ kid: 0 })),
  'kid-long': bad('malformed_token', 'has a kid of 1,000 characters', header({ kid: 'k'.repeat(1000) })),
}
