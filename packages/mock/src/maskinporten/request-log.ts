import type { Clock } from '@portvakt/core'
import { type EndpointName, endpointFor } from './endpoints.js'
import type { GrantErrorCode } from './grant-refusals.js'

/**
 * A request to the mock. It is safe to log: it does not contain the assertion, the token or the query.
 */
export interface ReceivedRequest {
  /** The requested endpoint; undefined if no endpoint has this method and path. */
  readonly endpoint: EndpointName | undefined
  readonly method: string
  readonly path: string
  /** Time of arrival by the mock's clock, in milliseconds since the epoch. */
  readonly at: number
  /** The status of the answer. Undefined before the answer, and if the connection was cut. */
  readonly status?: number
  /** The registered client that sent a token request. */
  readonly clientId?: string
  /** The code of a refused token request, for example `MP-250`; undefined if Digdir documents no code. */
  readonly code?: GrantErrorCode
  /** The trace id in the answer to a refused token request. */
  readonly traceId?: string
  /** Whether Texas answered that the token is active. Present for introspections. */
  readonly isActive?: boolean
  /** True when a fault replaced, changed or prevented the answer. */
  readonly isFaulty?: true
}

type Writable<T> = { -readonly [key in keyof T]: T[key] }

/** Maximum number of entries. */
const LONGEST = 1000

export class RequestLog {
  readonly #counts = { metadata: 0, jwk: 0, token: 0 }
  readonly #received: Writable<ReceivedRequest>[] = []
  readonly #byRequest = new WeakMap<Request, Writable<ReceivedRequest>>()

  constructor(private readonly clock: Clock) {}

  open(request: Request): void {
    const { method } = request
    const path = new URL(request.url).pathname
    const endpoint = endpointFor(method, path)
    const entry = { endpoint, method, path, at: this.clock.now() }
    this.#byRequest.set(request, entry)
    this.#received.push(entry)
    if (this.#received.length > LONGEST) this.#received.shift()
    if (endpoint) this.#counts[endpoint]++
  }

  note(request: Request, known: Partial<ReceivedRequest>): void {
    Object.assign(this.#byRequest.get(request) ?? {}, known)
  }

  /** Returns a copy, which later requests do not change. */
  received(): readonly ReceivedRequest[] {
    return Object.freeze(this.#received.map((entry) => Object.freeze({ ...entry })))
  }

  counts(): Readonly<Record<EndpointName, number>> {
    return Object.freeze({ ...this.#counts })
  }
}
