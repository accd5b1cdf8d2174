/** The part of Node's request (HTTP/1 or HTTP/2) that an adapter reads. Serverless wrappers and mocks have less. */
export interface NodeRequest {
  readonly aborted?: boolean | undefined
  readonly rawHeaders?: readonly string[] | undefined
  readonly headers?: object | undefined
}

/** The part of Node's response (HTTP/1 or HTTP/2) that an adapter uses. */
export interface NodeResponse {
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly destroyed?: boolean
  readonly socket?: { resetAndDestroy?(): unknown } | null
  /** Only on HTTP/2. */
  readonly stream?: { close(code: number): unknown }
  removeHeader(name: string): unknown
  destroy(): unknown
}

/**
 * How far the answer to a Node request is: `open` while a denial can be written, `begun` once its headers are
 * sent, `over` once it has ended or the caller has left. Another part of the application may write to a response
 * before a guard runs, or while a guard waits for keys.
 *
 * @example
 * if (answerState(incoming, response) === 'open') response.writeHead(403).end()
 */
export function answerState(request: NodeRequest, response: NodeResponse): 'open' | 'begun' | 'over' {
  // When the caller leaves, HTTP/1 marks the response and HTTP/2 marks the request.
  if (response.writableEnded || response.destroyed || request.aborted) return 'over'
  return response.headersSent ? 'begun' : 'open'
}

/**
 * Whether an adapter can still act on a decision. It cannot once a time-out has answered or the caller has left.
 * If the headers of another answer are sent, a refusal cannot be written any more; this function breaks that answer off.
 *
 * @example
 * if (canFollow(false, incoming, response)) response.writeHead(403).end()
 */
export function canFollow(isAllowed: boolean, request: NodeRequest, response: NodeResponse): boolean {
  const state = answerState(request, response)
  if (state !== 'begun' || isAllowed) return state !== 'over'
  breakOff(response)
  return false
}

/**
 * Removes the headers that describe another body, which earlier middleware has set.
 *
 * @example
 * removeBodyHeaders(response)
 */
export function removeBodyHeaders(response: Pick<NodeResponse, 'removeHeader'>): void {
  response.removeHeader('content-encoding')
  response.removeHeader('transfer-encoding')
}

/**
 * Ends an answer that has begun so that the caller knows it is incomplete. For a refusal that comes after the
 * headers of a 200 were sent.
 *
 * @example
 * if (answerState(incoming, response) === 'begun') breakOff(response)
 */
export function breakOff(response: NodeResponse): void {
  if (response.stream) {
    // Clients may take NO_ERROR and CANCEL for the end of the body; Node's own client does.
    response.stream.close(INTERNAL_ERROR)
    return
  }
  try {
    // To a caller of HTTP/1.0, an orderly close is the end of the body (RFC 9112 §8); a reset never is.
    response.socket?.resetAndDestroy?.()
  } catch {
    // Only TCP sockets can be reset. TLS needs no reset: `destroy` sends no closure alert, so the message is incomplete.
  }
  response.destroy()
}

/** RFC 9113 §7. */
const INTERNAL_ERROR = 0x2
