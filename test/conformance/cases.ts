import type { Case } from './case.js'
import { CREDENTIALS } from './cases/credentials.js'
import { REQUIREMENT_CASES } from './cases/requirements.js'
import { ROUTING } from './cases/routing.js'
import { TOKENS } from './cases/tokens.js'

/** Every request that every host must answer alike. */
export const CASES: readonly Case[] = [...CREDENTIALS, ...TOKENS, ...REQUIREMENT_CASES, ...ROUTING]
