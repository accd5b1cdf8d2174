import type { VerifiedToken } from '../claims/verified-token.js'
import type { Denial } from '../http/denial.js'

/** Tells an adapter what to do: attach the token and continue, or write the denial. */
export type Decision =
  | { readonly allowed: true; readonly token: VerifiedToken }
  | { readonly allowed: false; readonly denial: Denial }
