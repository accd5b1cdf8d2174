import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@portvakt/core'
import { PATHS } from '../maskinporten/endpoints.js'
import type { Fault } from './faults.js'

/** What a fault needs to know of the request that it befalls. */
export interface Befallen {
  readonly path: string
  readonly clock: Clock
  /** Ends what would otherwise go on; where nothing does, the connection's end does. */
  readonly signal: AbortSignal | undefined
  /** The right answer. */
  answer(): Promise<Response>
}

/** Answers as the fault says. Rejects where a connection would break, as `fetch` does. */
export async function faultyAnswer(fault: Fault, befallen: Befallen): Promise<Response> {
  const { path, clock, signal } = befallen
  switch (fault) {
    case 'hang':
      return never(signal)
    case 'reset':
      throw connectionReset()
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
    return befallen.answer()
  }
  const { status, headers, body } = await befallen.answer()
  const bytes = new Uint8Array(await new Response(body).arrayBuffer())
  return new Response(endingWith(signal, dripping(bytes, fault.drip * 1000, clock)), { status, headers })
}

/** What Node's `fetch` rejects with. */
function connectionReset(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  return new TypeError('fetch failed', { cause })
}

/** Settles only with the signal. */
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

/** JSON of 200 MB, most of it spaces; made as it is read, and never held. */
function hugeJson(): ReadableStream<Uint8Array> {
  const spaces = new Uint8Array(CHUNK).fill(0x20)
  let sent = 0
  return new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('{"keys":[')),
    async pull(controller) {
      // As from a network: others get their turn in between.
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
