import type { ExecutionContext } from '@nestjs/common'
import { HttpAdapterHost, type ModuleRef } from '@nestjs/core'
import type { Denial } from '@portvakt/core'
import { canFollow, type NodeRequest, type NodeResponse, removeBodyHeaders } from '@portvakt/core/adapter'
import { MaskinportenDeniedException } from './maskinporten-denied-exception.js'

interface ExpressResponse {
  setHeader(name: string, value: string | readonly string[]): unknown
  json(body: unknown): unknown
}

/** Express's response, which is Node's own, or Fastify's reply, which has Node's response in `raw`. */
interface PlatformResponse extends NodeResponse {
  readonly raw?: NodeResponse
  hijack?(): unknown
}

/**
 * Sets a denial's headers on the response, and throws the denial as an exception, which NestJS's filters
 * answer. For GraphQL, the challenge is only in the error's `extensions`, because one response covers several
 * resolvers.
 *
 * @throws {MaskinportenDeniedException} always
 */
export function deny(denial: Denial, context: ExecutionContext, moduleRef: ModuleRef): never {
  if (context.getType() === 'http') {
    const { httpAdapter } = moduleRef.get(HttpAdapterHost, { strict: false })
    setDenialHeaders(httpAdapter, context.switchToHttp().getResponse(), denial.headers)
  }
  throw new MaskinportenDeniedException(denial)
}

/**
 * Whether the guard can still act on its decision. If other code has already started a response to a refused
 * request, the connection is closed. If the connection stayed open, NestJS would complete that response, and
 * the caller would read a success.
 */
export function canAnswer(isAllowed: boolean, response: unknown, request: NodeRequest = {}): boolean {
  // NestJS types a response as `any`; both platforms have these members.
  const platform = response as PlatformResponse
  if (canFollow(isAllowed, request, platform.raw ?? platform)) return true
  // Hijack the reply, because NestJS answers every error. On Fastify 4, that answer would cause an unhandled
  // rejection if headers were already sent.
  platform.hijack?.()
  return false
}

/**
 * Sets a denial's headers on the platform's response if they can still be sent.
 *
 * @param adapter undefined in a testing module without an application, where no response is sent
 */
export function setDenialHeaders(
  adapter: HttpAdapterHost['httpAdapter'] | undefined,
  response: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  if (!adapter || !canAnswer(false, response)) return
  const platform = response as PlatformResponse
  // Fastify's reply has headers of its own, in addition to those of `raw`.
  removeBodyHeaders(platform)
  if (platform.raw) removeBodyHeaders(platform.raw)
  const isExpress = adapter.getType() === 'express'
  for (const [name, value] of Object.entries(headers)) {
    adapter.setHeader(response, name, value)
    if (isExpress && name === 'content-type') keepType(response as ExpressResponse, value)
  }
}

/**
 * Keeps the content type of an error's body. NestJS 11 on Express replaces a content type that is a string
 * and does not start with `application/json`, and logs a warning each time. It does not replace a list, so
 * this function sets a list of one type, which Node sends like a string. Express needs a string when it
 * serialises the body, so `json` first sets the type as a string.
 */
function keepType(response: ExpressResponse, type: string): void {
  const { json } = response
  response.setHeader('content-type', [type])
  response.json = (body) => {
    response.setHeader('content-type', type)
    return json.call(response, body)
  }
}
