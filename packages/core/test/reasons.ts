import { type MaskinportenReason, REASONS } from '../src/errors/reasons/reasons.js'

/** The name of every reason. */
export const REASON_NAMES = Object.keys(REASONS) as readonly MaskinportenReason[]
