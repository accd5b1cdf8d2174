import { numberBetween, takeOptions, wholeNumberBetween } from '@portvakt/core/internal'
import { type EndpointName, endpointPath, PATHS } from '../maskinporten/endpoints.js'

/**
 * How an endpoint fails.
 *
 * - `'hang'` never answers; `'reset'` resets the connection
 * - `'html'` answers 200 with a page, as a captive portal does
 * - `'empty'` answers with an empty key set at the key endpoint, and with `{}` elsewhere
 * - `'huge'` answers with 200 MiB
 * - `{ status }` answers with that status; `{ delay }` answers correctly after that many seconds
 * - `{ drip }` answers correctly, one byte at a time, with that many seconds between bytes
 *
 * Seconds are from 0.001 to 1,000,000.
 */
export type Fault =
  | 'hang'
  | 'reset'
  | 'html'
  | 'empty'
  | 'huge'
  | FaultyStatus
  | { readonly delay: number }
  | { readonly drip: number }

/** An answer that a test defines. */
export interface FaultyStatus {
  /** From 200 to 599. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** How many requests fail. */
export interface FaultOptions {
  /** The number of requests that fail. Default: all requests until the fault is removed. */
  readonly times?: number
}

/** The name of an endpoint, or any path without a query, percent-encoded. */
export type FaultyEndpoint = EndpointName | `/${string}`

const KINDS: readonly unknown[] = ['hang', 'reset', 'html', 'empty', 'huge'] satisfies Fault[]

interface FaultMembers extends Partial<FaultyStatus> {
  readonly delay?: number
  readonly drip?: number
}

export class Faults {
  #standing: readonly { readonly path: string; readonly fault: Fault; left: number }[] = []

  /** @returns a function that removes the fault. @throws {TypeError} naming the wrong option */
  add(endpoint: FaultyEndpoint, fault: Fault, options: FaultOptions = {}): () => void {
    const { times = Number.POSITIVE_INFINITY } = takeOptions(options, ['times'], 'addFault')
    if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times > 0))
      throw new TypeError('`times` must be a whole number, 1 or more')
    const standing = { path: pathOf(endpoint), fault: checkFault(fault), left: times }
    this.#standing = [...this.#standing, standing]
    return () => {
      this.#standing = this.#standing.filter((other) => other !== standing)
    }
  }

  clear(): void {
    this.#standing = []
  }

  take(path: string): Fault | undefined {
    const standing = this.#standing.find((one) => one.path === path && one.left > 0)
    if (standing) standing.left--
    return standing?.fault
  }
}

function pathOf(endpoint: FaultyEndpoint): string {
  if (Object.hasOwn(PATHS, endpoint)) return PATHS[endpoint as EndpointName]
  // A fault at any other path would never apply, because it is compared with the path of a request's URL.
  const isPath = typeof endpoint === 'string' && endpoint.startsWith('/')
  if (isPath && new URL(`http://mock${endpoint}`).pathname === endpoint) return endpointPath(endpoint)
  const names = Object.keys(PATHS).join(', ')
  throw new TypeError(`\`endpoint\` must be one of ${names}, or a percent-encoded path without a query`)
}

function checkFault(fault: Fault): Fault {
  if (KINDS.includes(fault)) return fault
  if (typeof fault !== 'object' || fault === null)
    throw new TypeError(`A fault is one of ${KINDS.join(', ')}, or an object with status, delay or drip`)
  const { status, headers, body, delay, drip } = takeOptions<FaultMembers>(
    fault,
    ['status', 'headers', 'body', 'delay', 'drip'],
    'A fault',
  )
  const isAnswer = headers !== undefined || body !== undefined
  if (
    [status, delay, drip].filter((value) => value !== undefined).length !== 1 ||
    (isAnswer && status === undefined)
  )
    throw new TypeError('A fault that is an object must have status, delay or drip')
  if (delay !== undefined) return { delay: numberBetween(delay, 0.001, 1e6, 'delay') }
  if (drip !== undefined) return { drip: numberBetween(drip, 0.001, 1e6, 'drip') }
  if (body !== undefined && typeof body !== 'string') throw new TypeError('`body` must be a string')
  const answer: FaultyStatus = {
    status: wholeNumberBetween(status, 200, 599, 'status'),
    ...(headers !== undefined && { headers: takeOptions(headers, 'any', '`headers`') }),
    ...(body !== undefined && { body }),
  }
  if (body !== undefined && [204, 205, 304].includes(answer.status))
    throw new TypeError(`Leave out \`body\`: an answer with status ${answer.status} has no body`)
  try {
    new Headers(answer.headers)
  } catch (cause) {
    throw new TypeError('`headers` must have names and values that HTTP allows', { cause })
  }
  return answer
}
