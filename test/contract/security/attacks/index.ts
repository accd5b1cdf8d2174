import type { Attack } from '../attack.js'
import { ALGORITHM } from './algorithm.js'
import { AUTHORITY } from './authority.js'
import { CLAIMS } from './claims.js'
import { HEADER } from './header.js'
import { HTTP } from './http.js'
import { KEYS } from './keys.js'
import { SHAPE } from './shape.js'
import { SIGNATURE } from './signature.js'
import { SPELLING } from './spelling.js'

/** The requests that every host must refuse. */
export const ATTACKS: readonly Attack[] = [
  ...ALGORITHM,
  ...SIGNATURE,
  ...SPELLING,
  ...HEADER,
  ...SHAPE,
  ...CLAIMS,
  ...AUTHORITY,
  ...HTTP,
  ...KEYS,
]
