import { ACCESS } from './access.js'
import { CLAIMS } from './claims.js'
import { CREDENTIALS } from './credentials.js'
import { ISSUER } from './issuer.js'
import { OUTAGE } from './outage.js'
import { TOKEN } from './token.js'

export const REASONS = Object.freeze({ ...CREDENTIALS, ...TOKEN, ...CLAIMS, ...ISSUER, ...ACCESS, ...OUTAGE })

/**
 * The exact reason for a refusal. Stable names for logs, alerts and clients.
 *
 * @useDeclaredType
 */
export type MaskinportenReason = keyof typeof REASONS

/**
 * The kind of refusal. The code decides the HTTP status and the challenge. Several reasons can share one
 * code.
 *
 * @useDeclaredType
 */
export type MaskinportenCode = (typeof REASONS)[MaskinportenReason]['code']
