import type { ServerResponse } from 'node:http'
import type { AccessRule, MaskinportenValidator } from '@portvakt/core'
import type { Running } from '../host.js'

/** A guarded route that gives a test Node's response before, during and after the guard. */
export interface Stages {
  readonly validator: MaskinportenValidator
  /** The `authorize` of this rule runs while the guard waits. */
  readonly requirement: AccessRule<unknown>
  /** Runs in a middleware before the guard. */
  readonly before: (response: ServerResponse) => void
  /** Runs as the handler, and writes with Node's own methods. */
  readonly handle: (response: ServerResponse) => void
}

/** A framework that runs its guard between `before` and `handle` of {@link Stages}. */
export interface BegunHost {
  readonly name: string
  readonly protocol: 'HTTP/1' | 'HTTP/2'
  /** True if the framework answers with a `Response`, and so does not see writes to Node's response. */
  readonly isWeb?: true
  start(stages: Stages): Promise<Running>
}
