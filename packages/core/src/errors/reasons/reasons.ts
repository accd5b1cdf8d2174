import { ACCESS } from './access.js'
import { CLAIMS } from './claims.js'
import { CREDENTIALS } from './credentials.js'
import { ISSUER } from './issuer.js'
import { OUTAGE } from './outage.js'
import { TOKEN } from './token.js'

/** Every reason for a refusal, by the phase of the request. */
export const REASONS = { ...CREDENTIALS, ...TOKEN, ...CLAIMS, ...ISSUER, ...ACCESS, ...OUTAGE }

/**
 * The exact reason for a refusal. A stable name for logs, alerts and the caller's own handling.
 *
 * @useDeclaredType
 */
export type MaskinportenReason = keyof typeof REASONS

/**
 * The kind of a refusal. It decides status and challenge; several reasons share one code.
 *
 * @useDeclaredType
 */
export type MaskinportenCode = (typeof REASONS)[MaskinportenReason]['code']
