import type { Clock } from '@portvakt/core'
import { type EndpointName, endpointFor } from './endpoints.js'
import type { GrantErrorCode } from './grant-refusals.js'

/** A request that the mock was sent. Safe to log: it holds no assertion, no token and nothing of a query. */
export interface ReceivedRequest {
  /** Undefined where Maskinporten has nothing. */
  readonly endpoint: EndpointName | undefined
  readonly method: string
  readonly path: string
  /** When it came: milliseconds since the epoch, by the mock's clock. */
  readonly at: number
  /** Of the answer; undefined while there is none, and for a connection that was cut. */
  readonly status?: number
  /** The registered client that asked for a token. */
  readonly clientId?: string
  /** Why a token request was refused, for example `MP-250`; absent where Digdir documents no code. */
  readonly code?: GrantErrorCode
  /** The trace id in the answer to a refused token request. */
  readonly traceId?: string
  /** True where a fault answered, or kept it from being answered rightly. */
  readonly isFaulty?: true
}

type Writable<T> = { -readonly [key in keyof T]: T[key] }

/** The oldest entries beyond this number are dropped. */
const LONGEST = 1000

/** The requests that the mock received, for tests. */
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

  /** Adds to the entry of a request. */
  note(request: Request, known: Partial<ReceivedRequest>): void {
    Object.assign(this.#byRequest.get(request) ?? {}, known)
  }

  /** A copy, which later requests do not change. */
  received(): readonly ReceivedRequest[] {
    return Object.freeze(this.#received.map((entry) => Object.freeze({ ...entry })))
  }

  counts(): Readonly<Record<EndpointName, number>> {
    return Object.freeze({ ...this.#counts })
  }
}
