import type { Clock } from '@portvakt/core'
import type { Hono } from 'hono'
import { endpointPath } from '../maskinporten/endpoints.js'
import type { RequestLog } from '../maskinporten/request-log.js'
import type { Faults } from './faults.js'
import { faultyAnswer } from './faulty-answer.js'

/**
 * Answers a request, or fails as a fault says; rejects where the connection is to be cut.
 *
 * @param signal ends a fault that would go on; left out where the end of a connection does that
 */
export type Answer = (request: Request, signal?: AbortSignal) => Promise<Response>

/** Every request comes this way: it is written down, and faults come before the answer. */
export function answering(app: Hono, faults: Faults, log: RequestLog, clock: Clock): Answer {
  return async (request, signal) => {
    log.open(request)
    const path = endpointPath(new URL(request.url).pathname)
    const fault = faults.take(path)
    const answer = async () => app.fetch(request)
    if (fault !== undefined) log.note(request, { isFaulty: true })
    const response = await (fault === undefined
      ? answer()
      : faultyAnswer(fault, { path, clock, signal, answer }))
    log.note(request, { status: response.status })
    return response
  }
}
