import { recipes } from './recipe.js'

/** Tokens that are rightly signed, with a header that must not be followed, RFC 7515 §4.1 and RFC 8725 §3.10. */
export const HEADER_RECIPES = recipes({
  crit: {
    meaning: 'demands that an extension be understood',
    reason: 'unsupported_header',
    make: (forge) => forge.headed({ crit: ['x'], x: 1 }),
  },
  'crit-empty': {
    meaning: 'demands nothing, which RFC 7515 forbids',
    reason: 'unsupported_header',
    make: (forge) => forge.headed({ crit: [] }),
  },
  b64: {
    meaning: 'says that its payload is not encoded',
    reason: 'unsupported_header',
    make: (forge) => forge.headed({ b64: false }),
  },
  enc: {
    meaning: 'says that it is encrypted, and is signed',
    reason: 'unsupported_header',
    make: (forge) => forge.headed({ enc: 'A256GCM' }),
  },
  'wrong-type': {
    meaning: 'is of another type: dpop+jwt',
    reason: 'wrong_type',
    make: (forge) => forge.headed({ typ: 'dpop+jwt' }),
  },
  'kid-missing': {
    meaning: 'does not name its key',
    reason: 'missing_key_id',
    make: (forge) => forge.headed({ kid: undefined }),
  },
  'kid-unknown': {
    meaning: 'names a key that is not published',
    reason: 'unknown_key',
    make: (forge) => forge.headed({ kid: 'unknown' }),
  },
  'kid-path': {
    meaning: 'names a file as its key',
    reason: 'unknown_key',
    make: (forge) => forge.headed({ kid: '../../../../dev/null' }),
  },
  'kid-query': {
    meaning: 'names a part of a query as its key',
    reason: 'malformed_token',
    make: (forge) => forge.headed({ kid: "' UNION SELECT 'AA" }),
  },
  'kid-line-break': {
    meaning: 'names a key with a line break',
    reason: 'malformed_token',
    make: (forge) => forge.headed({ kid: 'a\r\nset-cookie: b' }),
  },
  'kid-inherited': {
    meaning: 'names a key that every object has: __proto__',
    reason: 'unknown_key',
    make: (forge) => forge.headed({ kid: '__proto__' }),
  },
  'kid-number': {
    meaning: 'names its key by a number',
    reason: 'malformed_token',
    make: (forge) => forge.headed({ kid: 0 }),
  },
  'kid-long': {
    meaning: 'names its key at length',
    reason: 'malformed_token',
    make: (forge) => forge.headed({ kid: 'k'.repeat(1000) }),
  },
})
