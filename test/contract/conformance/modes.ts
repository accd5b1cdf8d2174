import { createMaskinportenValidator, createTexasValidator, type MaskinportenValidator } from '@portvakt/core'

/** The `fetch` by which a validator reaches Maskinporten and Texas. */
export type Upstream = (url: string, init?: RequestInit) => Promise<Response>

/**
 * Every kind of validator. The conformance suite runs once for each. `keys` verifies with Maskinporten's keys;
 * `texas` then introspects at Texas, which the mock serves under its issuer URL.
 */
export const MODES = ['keys', 'texas'] as const
export type Mode = (typeof MODES)[number]

export function createValidator(mode: Mode, issuer: string, fetch: Upstream): MaskinportenValidator {
  // The limit is low, so that a server still accepts a longer token in a header, and the guard refuses it.
  const options = { issuer, fetch, maxTokenLength: 4096 }
  if (mode === 'keys') return createMaskinportenValidator(options)
  return createTexasValidator({
    ...options,
    introspectionEndpoint: new URL('/api/v1/introspect', issuer).href,
  })
}

/** A `fetch` that fails for the upstream of this mode: Maskinporten for `keys`, Texas for `texas`. */
export const offline = (mode: Mode, fetch: Upstream): Upstream => {
  return async (url, init) => {
    if (mode === 'texas' && !url.endsWith('/introspect')) return fetch(url, init)
    throw new Error('offline')
  }
}
