import type { Case } from './case.js'
import { CONSENTS } from './cases/consents.js'
import { CREDENTIALS } from './cases/credentials.js'
import { FOREIGNERS } from './cases/foreigners.js'
import { PARTIES } from './cases/parties.js'
import { REQUIREMENT_CASES } from './cases/requirements.js'
import { ROUTING } from './cases/routing.js'
import { TOKENS } from './cases/tokens.js'

/** The requests that every host must answer in the same way. */
export const CASES: readonly Case[] = [
  ...CREDENTIALS,
  ...TOKENS,
  ...FOREIGNERS,
  ...REQUIREMENT_CASES,
  ...PARTIES,
  ...CONSENTS,
  ...ROUTING,
]
