import { createMaskinportenValidator, createTexasValidator, type MaskinportenValidator } from '@portvakt/core'

/** The `fetch` by which a validator reaches Maskinporten and Texas. */
export type Upstream = (url: string, init?: RequestInit) => Promise<Response>

/** The limit is low, so that a server still accepts a longer token in a header, and the guard refuses it. */
const maxTokenLength = 4096

const VALIDATORS = {
  /** Verifies with Maskinporten's keys. */
  keys: (issuer: string, fetch: Upstream): MaskinportenValidator =>
    createMaskinportenValidator({ issuer, fetch, maxTokenLength }),
  /**
   * Verifies with Maskinporten's keys, then introspects at Texas, which the mock serves under its issuer URL.
   */
  texas: (issuer: string, fetch: Upstream): MaskinportenValidator => {
    const introspectionEndpoint = new URL('/api/v1/introspect', issuer).href
    return createTexasValidator({ introspectionEndpoint, issuer, fetch, maxTokenLength })
  },
} as const

/** A `fetch` that fails for the upstream of this mode: Maskinporten for `keys`, Texas for `texas`. */
export const offline = (mode: Mode, fetch: Upstream): Upstream => {
  return async (url, init) => {
    if (mode === 'texas' && !url.endsWith('/introspect')) return fetch(url, init)
    throw new Error('offline')
  }
}

export type Mode = keyof typeof VALIDATORS

/** Every kind of validator. The conformance suite runs once for each. */
export const MODES: readonly Mode[] = ['keys', 'texas']

export const createValidator = (mode: Mode, issuer: string, fetch: Upstream): MaskinportenValidator =>
  VALIDATORS[mode](issuer, fetch)
