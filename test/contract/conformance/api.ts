import type { IncomingMessage } from 'node:http'
import type { AccessRequirement, MaskinportenValidator } from '@portvakt/core'
import type { MockMaskinporten } from '@portvakt/mock'
import { deferred } from '../../../packages/core/test/deferred.js'
import { createValidator, type Mode, offline, type Upstream } from './modes.js'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'
export const AUDIENCE = 'https://api.example.no'
export const WRITER = '889640782'
export const SUPPLIER = '991825827'
export const REGISTER = 'https://tt02.altinn.no/'

/** The API under test, which every host serves. */
export interface Api {
  readonly validator: MaskinportenValidator
  /** A validator whose upstream is down: Maskinporten in the mode `keys`, Texas in the mode `texas`. */
  readonly offline: MaskinportenValidator
  /** A validator whose requests are answered only after the test calls `release`. */
  readonly slow: MaskinportenValidator
  /** Called by every guarded handler, so that tests can count the handlers that ran. */
  readonly handled: () => void
  /** The configuration from which a host in another process creates its own validators. */
  readonly origin?: Origin
}

/** The configuration of the validators of an API. */
export interface Origin {
  readonly mode: Mode
  readonly issuer: string
  readonly fetch: Upstream
  /** Like `fetch`, but answers only after the test calls `release`. */
  readonly slowFetch: Upstream
}

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

function fail(): never {
  throw new Error('database')
}

/** The requirement of each guarded route. On `/write`, a guard with the requirement of `/read` runs first. */
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
  '/broken': { scope: READ, authorize: fail },
  '/rejecting': { scope: READ, authorize: () => Promise.reject(undefined) },
} as const satisfies Record<string, AccessRequirement>

/**
 * Requirements that depend on the request: `/computed` requires the scope that `x-scope` names,
 * `/person` requires a token about the person in `x-person`, and `/person/broken` throws.
 *
 * @param header reads a header of the framework's request
 */
export function requirementsByRequest<Request>(
  header: (request: Request, name: string) => string | undefined,
) {
  return {
    '/computed': (request: Request) => `nav:x.${header(request, 'x-scope') ?? 'read'}`,
    '/person': { scope: READ, pid: (request: Request) => header(request, 'x-person') },
    '/person/broken': { scope: READ, pid: fail },
  } as const satisfies Record<string, AccessRequirement<Request>>
}

/** Reads a header of Node's request, or of a framework's request with the same `headers` object. */
export function singleHeader<Request extends Pick<IncomingMessage, 'headers'>>(
  request: Request,
  name: string,
) {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Every guarded route outside routers and mounted apps. */
export function guardedRoutes<Request>(
  { validator, offline, slow }: Api,
  header: (request: Request, name: string) => string | undefined,
) {
  const requirements: Readonly<Record<string, AccessRequirement<Request>>> = {
    ...REQUIREMENTS,
    ...requirementsByRequest(header),
  }
  return [
    ...Object.entries(requirements).map(([path, requirement]) => ({ path, requirement, validator })),
    { path: '/offline', requirement: READ, validator: offline },
    { path: '/slow', requirement: READ, validator: slow },
  ]
}

export interface Conformance extends Api {
  /** Resolves when the `slow` validator has sent a request to Maskinporten or Texas. */
  readonly asked: Promise<void>
  /** Answers the waiting requests of the `slow` validator. */
  release(): Promise<void>
  /** The number of handlers that ran since the last call of `takeHandled`. */
  takeHandled(): number
}

/** Unusable keys that are published next to the mock's own key. */
export const UNUSABLE_KEYS = [
  { kid: 'short', kty: 'RSA', n: onesOf(128), e: 'AQAB' },
  { kid: 'small-exponent', kty: 'RSA', n: onesOf(256), e: 'Aw' },
  { kid: 'elliptic', kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
] as const

/** An RSA modulus with every bit set, in base64url. Made without `Buffer`, which some runtimes lack. */
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
  let count = 0
  const [asked, gate] = [deferred<void>(), deferred<void>()]
  const slowFetch: Upstream = async (url, init) => {
    asked.resolve()
    await gate.promise
    return fetch(url, init)
  }
  const api = createApi({ mode, issuer, fetch, slowFetch }, () => void count++)
  return {
    ...api,
    asked: asked.promise,
    async release() {
      gate.resolve()
      await api.slow.ready()
    },
    takeHandled() {
      const handled = count
      count = 0
      return handled
    },
  }
}
