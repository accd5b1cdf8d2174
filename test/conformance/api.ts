import {
  type AccessRequirement,
  createMaskinportenValidator,
  type MaskinportenValidator,
} from '@portvakt/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'
export const AUDIENCE = 'https://api.example.no'
export const WRITER = '889640782'

/** What the API under test does, the same on every host. */
export interface Api {
  readonly validator: MaskinportenValidator
  /** A validator that never gets keys. */
  readonly offline: MaskinportenValidator
  /** A validator whose keys come when the test lets them. */
  readonly slow: MaskinportenValidator
  /** Called by every guarded handler, so that a test can prove that none ran. */
  readonly handled: () => void
}

/** How the keys of each validator are fetched. */
export type KeyFetch = (url: string, init?: RequestInit) => Promise<Response>

/** An API whose keys are had by these; the mock's issuer is who signs. */
export function createApi(issuer: string, fetch: KeyFetch, slowFetch: KeyFetch, handled: () => void): Api {
  return {
    handled,
    validator: createMaskinportenValidator({ issuer, fetch }),
    slow: createMaskinportenValidator({ issuer, fetch: slowFetch }),
    offline: createMaskinportenValidator({ issuer, fetch: () => Promise.reject(new Error('offline')) }),
  }
}

/** The requirement of each guarded route. `/write` has that of `/read` before it, on a guard of its own. */
export const REQUIREMENTS = {
  '/read': READ,
  '/write': { scope: WRITE, consumers: [WRITER] },
  '/audience': { scope: READ, audience: AUDIENCE },
  '/nested': { scope: { allOf: [READ, { anyOf: [WRITE, 'nav:x.admin'] }] } },
  '/ruled': { scope: READ, authorize: () => false },
  '/broken': {
    scope: READ,
    authorize: () => {
      throw new Error('the application’s own')
    },
  },
  '/rejecting': { scope: READ, authorize: () => Promise.reject(undefined) },
} as const satisfies Record<string, AccessRequirement>

/** The requirement of `/computed`: the scope that the request's `x-scope` header names. */
export function computedFrom<Request>(
  header: (request: Request) => string | undefined,
): AccessRequirement<Request> {
  return (request) => `nav:x.${header(request) ?? 'read'}`
}

export interface Conformance extends Api {
  readonly mock: MockMaskinporten
  /** What `slow` fetches its keys with. */
  readonly slowFetch: KeyFetch
  /** Resolves once `slow` has asked for its keys. */
  readonly asked: Promise<void>
  /** Lets `slow` have its keys. */
  release(): Promise<void>
  /** How many handlers have run since the last call. */
  takeHandled(): number
}

export async function createConformance(): Promise<Conformance> {
  const mock = await createMockMaskinporten()
  let handled = 0
  const [asked, gate] = [signal(), signal()]
  const slowFetch: KeyFetch = async (url, init) => {
    asked.give()
    await gate.given
    return mock.fetch(url, init)
  }
  const api = createApi(mock.issuer, mock.fetch, slowFetch, () => {
    handled++
  })
  return {
    ...api,
    mock,
    slowFetch,
    asked: asked.given,
    async release() {
      gate.give()
      await api.slow.ready()
    },
    takeHandled() {
      const count = handled
      handled = 0
      return count
    },
  }
}

function signal() {
  let give: () => void = () => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}
