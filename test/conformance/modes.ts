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
  /** Asks Texas about every token; in the mock it answers where Maskinporten does. */
  texas: (issuer: string, fetch: Upstream): MaskinportenValidator => {
    const introspectionEndpoint = new URL('/api/v1/introspect', issuer).href
    return createTexasValidator({ introspectionEndpoint, issuer, fetch, maxTokenLength })
  },
} as const

export type Mode = keyof typeof VALIDATORS

/** Everything that verifies tokens: the whole suite is run with each. */
export const MODES: readonly Mode[] = ['keys', 'texas']

export const createValidator = (mode: Mode, issuer: string, fetch: Upstream): MaskinportenValidator =>
  VALIDATORS[mode](issuer, fetch)
