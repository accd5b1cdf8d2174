import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@portvakt/core'
import type { Hono } from 'hono'
import { endpointPath, PATHS } from '../maskinporten/endpoints.js'
import type { RequestLog } from '../maskinporten/request-log.js'
import type { Fault, Faults } from './faults.js'

/**
 * Returns a function that logs each request, and answers it or applies a fault. The function rejects when the
 * fault resets the connection. Aborting `signal` ends a fault. Without `signal`, a fault lasts as long as the
 * connection.
 */
export function answering(app: Hono, faults: Faults, log: RequestLog, clock: Clock) {
  return async (request: Request, signal?: AbortSignal): Promise<Response> => {
    log.open(request)
    const path = endpointPath(new URL(request.url).pathname)
    const fault = faults.take(path)
    const answer = async () => app.fetch(request)
    if (fault !== undefined) log.note(request, { isFaulty: true })
    const response = await (fault === undefined ? answer() : faultyAnswer(fault, path, clock, signal, answer))
    log.note(request, { status: response.status })
    return response
  }
}

/** @param answer returns the answer that the request would get without the fault */
async function faultyAnswer(
  fault: Fault,
  path: string,
  clock: Clock,
  signal: AbortSignal | undefined,
  answer: () => Promise<Response>,
): Promise<Response> {
  switch (fault) {
    case 'hang':
      return never(signal)
    case 'reset':
      // Node's `fetch` rejects with this error when a connection is reset.
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      })
    case 'html':
      return new Response('<!doctype html><title>Sign in to this network</title>', {
        headers: { 'content-type': 'text/html' },
      })
    case 'empty':
      return Response.json(path === PATHS.jwk ? { keys: [] } : {})
    case 'huge':
      return new Response(endingWith(signal, hugeJson()), {
        headers: { 'content-type': 'application/json' },
      })
  }
  if ('status' in fault)
    return new Response(fault.body ?? null, { status: fault.status, headers: { ...fault.headers } })
  if ('delay' in fault) {
    await Promise.race([new Promise<void>((done) => clock.after(fault.delay * 1000, done)), never(signal)])
    return answer()
  }
  const { status, headers, body } = await answer()
  const bytes = new Uint8Array(await new Response(body).arrayBuffer())
  return new Response(endingWith(signal, dripping(bytes, fault.drip * 1000, clock)), { status, headers })
}

/** Returns a promise that rejects when the signal aborts. Until then, the promise does not settle. */
function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function endingWith(signal: AbortSignal | undefined, body: ReadableStream<Uint8Array>) {
  return signal ? body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal }) : body
}

const HUGE = 200 * 1024 * 1024
const CHUNK = 64 * 1024

/** JSON of 200 MiB, mostly spaces, that is generated as it is read. */
function hugeJson(): ReadableStream<Uint8Array> {
  const spaces = new Uint8Array(CHUNK).fill(0x20)
  let sent = 0
  return new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('{"keys":[')),
    async pull(controller) {
      // Let other work run between the chunks, as when chunks arrive over a network.
      await setImmediate()
      sent += CHUNK
      if (sent < HUGE) return controller.enqueue(spaces.slice())
      controller.enqueue(Buffer.from(']}'))
      controller.close()
    },
  })
}

function dripping(bytes: Uint8Array, milliseconds: number, clock: Clock): ReadableStream<Uint8Array> {
  let at = 0
  let stop = () => {}
  return new ReadableStream<Uint8Array>({
    pull: (controller) =>
      new Promise((done) => {
        stop = clock.after(milliseconds, () => {
          controller.enqueue(bytes.slice(at, ++at))
          if (at >= bytes.length) controller.close()
          done()
        })
      }),
    cancel: () => stop(),
  })
}
