/** The part of Node's request (HTTP/1 or HTTP/2) that adapters read. Wrappers and mocks can lack members. */
export interface NodeRequest {
  readonly aborted?: boolean | undefined
  /** Set by connect-timeout when it has answered, or will answer once the request's body has arrived. */
  readonly timedout?: boolean | undefined
  readonly rawHeaders?: readonly string[] | undefined
  readonly headers?: object | undefined
}

/** The part of Node's response (HTTP/1 or HTTP/2) that an adapter uses. */
export interface NodeResponse {
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly destroyed?: boolean
  readonly socket?: { resetAndDestroy?(): unknown } | null
  /** Present only on HTTP/2. */
  readonly stream?: { close(code: number): unknown }
  removeHeader(name: string): unknown
  destroy(): unknown
}

/**
 * The state of the answer to a Node request: `open` while a denial can be written, `begun` once headers are
 * sent, `over` once the answer has ended or the caller has disconnected. Other code can write to the response
 * before a guard runs, or while the guard waits for keys.
 *
 * @example
 * if (answerState(incoming, response) === 'open') response.writeHead(403).end()
 */
export function answerState(request: NodeRequest, response: NodeResponse): 'open' | 'begun' | 'over' {
  if (isOver(request, response)) return 'over'
  return response.headersSent ? 'begun' : 'open'
}

/**
 * When the caller disconnects, Node sets `destroyed` on an HTTP/1 response, but `aborted` on an HTTP/2
 * request.
 */
function isOver(request: NodeRequest, response: NodeResponse): boolean {
  return Boolean(response.writableEnded || response.destroyed || request.aborted)
}

/**
 * Whether an adapter can still act on a decision. False once the answer is over. For a refusal, also false
 * after a time-out by connect-timeout, and once the headers of another answer are sent: this function aborts
 * that answer with {@link breakOff}.
 *
 * @example
 * if (canFollow(false, incoming, response)) response.writeHead(403).end()
 */
export function canFollow(isAllowed: boolean, request: NodeRequest, response: NodeResponse): boolean {
  // On Express, each property read costs as much as a decision, so allowed requests skip `headersSent`.
  if (isAllowed) return !isOver(request, response)
  // A second answer would end the process: the error handler of the time-out still waits for the body.
  if (request.timedout) return false
  const state = answerState(request, response)
  if (state === 'begun') breakOff(response)
  return state === 'open'
}

/**
 * Removes headers that earlier middleware set for a body that will not be sent.
 *
 * @example
 * removeBodyHeaders(response)
 */
export function removeBodyHeaders(response: Pick<NodeResponse, 'removeHeader'>): void {
  response.removeHeader('content-encoding')
  response.removeHeader('transfer-encoding')
}

/**
 * Aborts an answer, so that the caller can see that the answer is incomplete. Use `breakOff` when a request
 * is refused after the headers of another answer were sent.
 *
 * @example
 * if (answerState(incoming, response) === 'begun') breakOff(response)
 */
export function breakOff(response: NodeResponse): void {
  if (response.stream) {
    // INTERNAL_ERROR (RFC 9113 §7). Clients such as Node's treat NO_ERROR and CANCEL as the end of the body.
    response.stream.close(0x2)
    return
  }
  try {
    // An HTTP/1.0 caller treats an orderly close as the end of the body (RFC 9112 §8), but not a reset.
    response.socket?.resetAndDestroy?.()
  } catch {
    // A TLS socket cannot be reset. `destroy` sends no TLS closure alert, so the caller sees an incomplete
    // message.
  }
  response.destroy()
}
