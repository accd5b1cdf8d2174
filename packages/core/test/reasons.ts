import { type MaskinportenReason, REASONS } from '../src/errors/reasons/reasons.js'

export const REASON_NAMES = Object.keys(REASONS) as readonly MaskinportenReason[]
