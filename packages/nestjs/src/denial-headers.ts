import type { HttpAdapterHost } from '@nestjs/core'
import { answerState, breakOff, type NodeResponse } from '@portvakt/core/adapter'

/** What Express adds to Node's response; Fastify's reply is another thing. */
interface ExpressResponse {
  setHeader(name: string, value: string | readonly string[]): unknown
  json(body: unknown): unknown
}

/** The response of Express, which is Node's own, or Fastify's reply, which holds Node's in `raw`. */
interface PlatformResponse extends NodeResponse {
  readonly raw?: NodeResponse
  hijack?(): unknown
}

/**
 * Ends the connection if headers of another answer are already sent: NestJS would complete that answer, and the
 * caller would read a success.
 *
 * @returns whether the platform can still write an error's answer
 */
export function endIfBegun(response: unknown): boolean {
  // The adapters type a response as `any`; both platforms have these members.
  const platform = response as PlatformResponse
  const node = platform.raw ?? platform
  const state = answerState({}, node)
  if (state === 'begun') breakOff(node)
  // NestJS answers every error. On Fastify 4 that is an unhandled rejection if the headers are already sent.
  if (state !== 'open') platform.hijack?.()
  return state === 'open'
}

/**
 * Puts a denial's headers on the platform's response, while they can be sent.
 *
 * @param adapter undefined in a testing module without an application: then no answer is written
 */
export function setDenialHeaders(
  adapter: HttpAdapterHost['httpAdapter'] | undefined,
  response: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  if (!adapter || !endIfBegun(response)) return
  // The adapters type a response as `any`; both platforms have these members.
  const platform = response as PlatformResponse
  const node = platform.raw ?? platform
  // Headers of another body, which an earlier middleware has set. Fastify's reply has some of its own.
  for (const one of [platform, node]) {
    one.removeHeader('content-encoding')
    one.removeHeader('transfer-encoding')
  }
  for (const [name, value] of Object.entries(headers)) {
    adapter.setHeader(response, name, value)
    // The adapter's own name for its platform says what the response is.
    if (name === 'content-type' && adapter.getType() === 'express')
      keepType(response as ExpressResponse, value)
  }
}

/**
 * On Express, NestJS 11 replaces every type of an error's body that is a string and does not begin with
 * `application/json`, and logs a warning each time. It leaves a list alone, which Node writes in the same way;
 * Express wants the string back when it serialises.
 */
function keepType(response: ExpressResponse, type: string): void {
  const { json } = response
  response.setHeader('content-type', [type])
  response.json = (body) => {
    response.setHeader('content-type', type)
    return json.call(response, body)
  }
}
