import type { Denial, VerifiedToken } from '@portvakt/core'
import {
  answerState,
  breakOff,
  type NodeRequest,
  type NodeResponse,
  removeBodyHeaders,
} from '@portvakt/core/adapter'

/** The members of a request that the guard uses. Every Fastify request has them; a mock can lack `log`. */
export interface AnyRequest {
  readonly raw: NodeRequest
  readonly server: object
  readonly log?: { error(message: string): void }
  maskinporten?: VerifiedToken
}

/** The members of a reply that the guard uses. */
export interface AnyReply {
  readonly raw: NodeResponse
  readonly sent: boolean
  code(status: number): unknown
  headers(values: Record<string, string>): unknown
  removeHeader(name: string): unknown
  send(payload: Buffer): unknown
  hijack(): unknown
}

/**
 * Marks a request that a guard has let pass. The application can set `request.maskinporten`, but not this
 * mark.
 */
const ADMITTED = Symbol('admitted')

interface MarkedRequest extends AnyRequest {
  [ADMITTED]?: true
  [REFUSED]?: true
}

export function admit(request: MarkedRequest, token: VerifiedToken): void {
  request.maskinporten = token
  request[ADMITTED] = true
}

/** Marks a request that is being refused. */
const REFUSED = Symbol('refused')

/** Whether a guard has let the request pass. */
export function isAdmitted(request: MarkedRequest): boolean {
  return request[ADMITTED] === true
}

/** Whether other code, such as a time-out, has already answered, or the caller has disconnected. */
export function isOver(request: AnyRequest, reply: AnyReply): boolean {
  return answerState(request.raw, reply.raw) === 'over'
}

/**
 * Writes a denial. If an async hook returns the result of this function, Fastify runs no later hook and no
 * handler.
 */
export async function refuse(
  request: MarkedRequest,
  reply: AnyReply,
  { status, headers, body }: Denial,
): Promise<unknown> {
  const state = answerState(request.raw, reply.raw)
  // An `onSend` hook that calls a guard is called again for the denial, and would refuse it without end.
  if (request[REFUSED])
    request.log?.error('A request was refused twice: call guards at onRequest, not at onSend')
  if (state !== 'open' || reply.sent || request[REFUSED]) {
    // The headers have already been sent, or another hook owns the response: the guard can only refuse by
    // ending the connection.
    if (state !== 'over') breakOff(reply.raw)
    return reply.hijack()
  }
  request[REFUSED] = true
  // In Fastify 5.0, a reply also sends the headers that are set on `raw`.
  removeBodyHeaders(reply)
  removeBodyHeaders(reply.raw)
  reply.code(status)
  reply.headers(headers)
  // The body is sent as bytes: the application's serializer would add a charset to a string, but
  // `application/json` has no charset parameter (RFC 8259 §11).
  try {
    reply.send(Buffer.from(body))
  } catch (error) {
    // An answer, for example of a time-out, waits in an `onError` hook. It stays the answer.
    if (Object(error).code !== 'FST_ERR_SEND_INSIDE_ONERR') throw error
  }
  await reply
  // A reply is a thenable that also fulfils when the caller disconnects, for example while an `onSend` hook
  // waits. It is not sent then, and Fastify runs the handler unless the reply is hijacked.
  return reply.hijack()
}
