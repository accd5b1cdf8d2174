import { createMaskinportenValidator, createTexasValidator, type MaskinportenValidator } from '@portvakt/core'

/** How a validator reaches whoever can say what a token is. */
export type Upstream = (url: string, init?: RequestInit) => Promise<Response>

/** Longest token in the suite: so short that a longer one still fits into what servers take as a header. */
const maxTokenLength = 4096

/** A validator of each kind, of one issuer. */
const VALIDATORS = {
  /** Verifies by Maskinporten's own keys. */
  keys: (issuer: string, fetch: Upstream): MaskinportenValidator =>
    createMaskinportenValidator({ issuer, fetch, maxTokenLength }),
  /** Verifies by keys and asks Texas too; in the mock it answers where Maskinporten does. */
  texas: (issuer: string, fetch: Upstream): MaskinportenValidator => {
    const introspectionEndpoint = new URL('/api/v1/introspect', issuer).href
    return createTexasValidator({ introspectionEndpoint, issuer, fetch, maxTokenLength })
  },
} as const

/** `fetch` without that on which only this mode depends: Maskinporten, or Texas. */
export const offline = (mode: Mode, fetch: Upstream): Upstream => {
  return async (url, init) => {
    if (mode === 'texas' && !url.endsWith('/introspect')) return fetch(url, init)
    throw new Error('offline')
  }
}

export type Mode = keyof typeof VALIDATORS

/** Everything that verifies tokens: the whole suite is run with each. */
export const MODES: readonly Mode[] = ['keys', 'texas']

export const createValidator = (mode: Mode, issuer: string, fetch: Upstream): MaskinportenValidator =>
  VALIDATORS[mode](issuer, fetch)
