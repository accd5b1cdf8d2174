import type { VerifiedToken } from '../claims/verified-token.js'
import type { Denial } from '../http/denial.js'

/** What an adapter does next: attach the token and continue, or write the denial. */
export type Decision =
  | { readonly allowed: true; readonly token: VerifiedToken }
  | { readonly allowed: false; readonly denial: Denial }
