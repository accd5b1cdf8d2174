import type { Denial, VerifiedToken } from '@portvakt/core'
import { answerState, breakOff, type NodeRequest, type NodeResponse } from '@portvakt/core/adapter'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's token, once a guard has let the request pass. */
    maskinporten?: VerifiedToken
  }
}

/** What the guard needs of a request: every Fastify request has it, whatever its server and its types. */
export interface AnyRequest {
  readonly raw: NodeRequest
  readonly server: object
  maskinporten?: VerifiedToken
}

/** What the guard needs of a reply. */
export interface AnyReply {
  readonly raw: NodeResponse
  readonly sent: boolean
  code(status: number): unknown
  headers(values: Record<string, string>): unknown
  removeHeader(name: string): unknown
  send(payload: Buffer): unknown
  hijack(): unknown
}

/** Apart from the property that everybody can set, and known to nobody else. */
const ADMITTED = Symbol('admitted')

interface AdmittedRequest extends AnyRequest {
  [ADMITTED]?: true
}

export function admit(request: AdmittedRequest, token: VerifiedToken): void {
  request.maskinporten = token
  request[ADMITTED] = true
}

/** Whether a guard has let the request pass. */
export function isAdmitted(request: AdmittedRequest): boolean {
  return request[ADMITTED] === true
}

/** Whether the answer has ended (a time-out wrote it), or the caller has left: nothing is left to do. */
export function isOver(request: AnyRequest, reply: AnyReply): boolean {
  return answerState(request.raw, reply.raw) === 'over'
}

/** The result is for an async hook to return: Fastify then waits for the answer, and runs nothing after it. */
export function refuse(request: AnyRequest, reply: AnyReply, { status, headers, body }: Denial): unknown {
  const state = answerState(request.raw, reply.raw)
  if (state !== 'open' || reply.sent) {
    // The headers are already sent, or another hook owns the response: ending the connection is the only refusal left.
    if (state !== 'over') breakOff(reply.raw)
    return reply.hijack()
  }
  // Headers of another body, which an earlier hook has set. In Fastify 5.0, a reply does not remove those of `raw`.
  for (const response of [reply, reply.raw]) {
    response.removeHeader('content-encoding')
    response.removeHeader('transfer-encoding')
  }
  reply.code(status)
  reply.headers(headers)
  // As bytes: a string would pass the application's serializer, and get a charset that JSON does not have.
  return reply.send(Buffer.from(body))
}
