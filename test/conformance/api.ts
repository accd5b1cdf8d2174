import type { AccessRequirement, AccessRule, MaskinportenValidator } from '@portvakt/core'
import type { MockMaskinporten } from '@portvakt/mock'
import { createValidator, type Mode, offline, type Upstream } from './modes.js'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'
export const AUDIENCE = 'https://api.example.no'
export const WRITER = '889640782'
export const SUPPLIER = '991825827'
export const REGISTER = 'https://tt02.altinn.no/'

/** What the API under test does, the same on every host. */
export interface Api {
  readonly validator: MaskinportenValidator
  /** A validator that reaches neither Maskinporten nor Texas, whichever the mode needs last. */
  readonly offline: MaskinportenValidator
  /** A validator that reaches somebody when the test lets it. */
  readonly slow: MaskinportenValidator
  /** Called by every guarded handler, so that a test can prove that none ran. */
  readonly handled: () => void
  /** What a host in another process makes these of. */
  readonly origin?: Origin
}

/** Where an API's validators come from. */
export interface Origin {
  readonly mode: Mode
  readonly issuer: string
  readonly fetch: Upstream
  /** The same, when the test lets it. */
  readonly slowFetch: Upstream
}

/** An API with validators of this origin. */
export function createApi(origin: Origin, handled: () => void): Api {
  const { mode, issuer, fetch, slowFetch } = origin
  return {
    handled,
    origin,
    validator: createValidator(mode, issuer, fetch),
    slow: createValidator(mode, issuer, slowFetch),
    offline: createValidator(mode, issuer, offline(mode, fetch)),
  }
}

/** The requirement of each guarded route. `/write` has that of `/read` before it, on a guard of its own. */
export const REQUIREMENTS = {
  '/read': READ,
  '/write': { scope: WRITE, consumers: [WRITER] },
  '/audience': { scope: READ, audience: AUDIENCE },
  '/nested': { scope: { allOf: [READ, { anyOf: [WRITE, 'nav:x.admin'] }] } },
  '/undelegated': { scope: READ, delegation: 'forbidden' },
  '/delegated': { scope: READ, delegation: 'required' },
  '/suppliers': { scope: READ, delegation: { suppliers: [SUPPLIER] } },
  '/sources': { scope: READ, delegation: { sources: [REGISTER] } },
  '/system-user': { scope: READ, systemUser: 'required' },
  '/consent': { scope: READ, consent: 'required' },
  '/consent/income-tax': { scope: READ, consent: { resources: ['income', 'tax'] } },
  '/ruled': { scope: READ, authorize: () => false },
  '/broken': {
    scope: READ,
    authorize: () => {
      throw new Error('the application’s own')
    },
  },
  '/rejecting': { scope: READ, authorize: () => Promise.reject(undefined) },
} as const satisfies Record<string, AccessRequirement>

/**
 * The requirements of the routes that ask about the request: `/computed` for the scope that `x-scope` names,
 * `/person` for a token about the person in `x-person`; `/person/broken` throws.
 *
 * @param header reads a header of the framework's request
 */
export function requirementsByRequest<Request>(
  header: (request: Request, name: string) => string | undefined,
) {
  const person: AccessRule<Request> = { scope: READ, pid: (request) => header(request, 'x-person') }
  const broken: AccessRule<Request> = {
    scope: READ,
    pid: () => {
      throw new Error('the application’s own')
    },
  }
  return {
    '/computed': (request: Request) => `nav:x.${header(request, 'x-scope') ?? 'read'}`,
    '/person': person,
    '/person/broken': broken,
  } as const satisfies Record<string, AccessRequirement<Request>>
}

export interface Conformance extends Api {
  /** Resolves once `slow` has asked. */
  readonly asked: Promise<void>
  /** Lets `slow` have its answers. */
  release(): Promise<void>
  /** How many handlers have run since the last call. */
  takeHandled(): number
}

/** Published beside the mock's own key, and never usable. */
export const UNUSABLE_KEYS = [
  { kid: 'short', kty: 'RSA', n: onesOf(128), e: 'AQAB' },
  { kid: 'small-exponent', kty: 'RSA', n: onesOf(256), e: 'Aw' },
  { kid: 'elliptic', kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
] as const

/** A modulus of as many bytes, all ones, as a JWK has it. Not every runtime has Node's `Buffer`. */
function onesOf(bytes: number): string {
  return btoa('\u{FF}'.repeat(bytes)).replaceAll('/', '_').replaceAll('=', '')
}

async function withUnusableKeys(answer: Response): Promise<Response> {
  const { keys } = (await answer.json()) as { readonly keys: readonly unknown[] }
  return Response.json({ keys: [...UNUSABLE_KEYS, ...keys] })
}

export function createConformance(mode: Mode, mock: MockMaskinporten): Conformance {
  const { issuer } = mock
  const fetch: Upstream = async (url, init) => {
    const answer = await mock.fetch(url, init)
    return new URL(url).pathname.endsWith('/jwk') ? withUnusableKeys(answer) : answer
  }
  let handled = 0
  const [asked, gate] = [signal(), signal()]
  const slowFetch: Upstream = async (url, init) => {
    asked.give()
    await gate.given
    return fetch(url, init)
  }
  const api = createApi({ mode, issuer, fetch, slowFetch }, () => {
    handled++
  })
  return {
    ...api,
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
