import type { MaskinportenReason } from '@portvakt/core'

/** Reasons that no request to these routes can have, and where they are tested instead. */
export const NOT_HERE = {
  no_guard: 'of a route without a requirement: the Fastify and NestJS packages’ own tests',
} as const satisfies Partial<Record<MaskinportenReason, string>>

/** Every reason; one that is missing here does not compile. */
const KNOWN: Readonly<Record<MaskinportenReason, true>> = {
  no_credentials: true,
  other_scheme: true,
  ambiguous_credentials: true,
  empty_token: true,
  token_response: true,
  token_too_large: true,
  malformed_token: true,
  unsupported_algorithm: true,
  unsupported_header: true,
  wrong_type: true,
  missing_key_id: true,
  unknown_key: true,
  unusable_key: true,
  bad_signature: true,
  inactive_token: true,
  malformed_claims: true,
  missing_claim: true,
  sender_constrained: true,
  expired: true,
  not_yet_valid: true,
  issued_in_future: true,
  lifetime_too_long: true,
  time_in_milliseconds: true,
  wrong_issuer: true,
  wrong_environment: true,
  phased_out_environment: true,
  idporten_token: true,
  skyporten_token: true,
  altinn_token: true,
  client_assertion: true,
  wrong_audience: true,
  insufficient_scope: true,
  nais_scope_name: true,
  consumer_not_allowed: true,
  delegation_not_allowed: true,
  delegation_required: true,
  supplier_not_allowed: true,
  delegation_source_not_allowed: true,
  system_user_required: true,
  consent_required: true,
  consent_expired: true,
  pid_required: true,
  pid_mismatch: true,
  not_authorized: true,
  no_guard: true,
  keys_unavailable: true,
  introspection_unavailable: true,
}

export const REASONS = Object.keys(KNOWN)
