import type { MaskinportenError } from './maskinporten-error.js'
import { ADD_SLASH } from './reasons/issuer.js'
import { RETRY } from './reasons/outage.js'
import type { Hint } from './reasons/reason.js'
import { REASONS } from './reasons/reasons.js'

/** @param failure in an outage, a text that says what failed and what to do; replaces the general fix */
export function hintFor({ reason, code, onlySlashDiffers }: MaskinportenError, failure?: string): Hint {
  if (onlySlashDiffers) return ADD_SLASH
  const { hint } = REASONS[reason]
  if (failure === undefined || code !== 'temporarily_unavailable') return hint
  return Object.freeze({ cause: hint.cause, fix: `${failure}. ${RETRY}` })
}
