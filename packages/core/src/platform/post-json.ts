/** The answer to a `Post`, whatever its status. */
export interface PostAnswer {
  readonly status: number
  /** The `Content-Encoding` of `body`, which is not decoded; undefined without one. */
  readonly encoding: string | undefined
  /** The `Retry-After` header, unparsed. */
  readonly retryAfter: string | undefined
  /** Undefined if the body is larger than `maxBytes`. */
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

export interface PostOptions {
  readonly url: string
  /** JSON. */
  readonly body: string
  /** Ends the exchange and its connection. */
  readonly signal: AbortSignal
  readonly maxBytes: number
  /**
   * True to use a kept connection, and to send again if that was closed before a byte of the answer. False for a
   * connection of its own: the request is then sent once.
   */
  readonly keepAlive: boolean
  /** True when nothing awaits the answer: its connection then does not keep a process alive. */
  readonly inBackground: boolean
}

/** Posts JSON without any proxy and follows no redirect. Rejects with the platform's own error. */
export type Post = (options: PostOptions) => Promise<PostAnswer>

/** Gets the status of a GET, on a connection of its own, without any proxy. */
export type GetStatus = (options: Pick<PostOptions, 'url' | 'signal' | 'inBackground'>) => Promise<number>

/** Undefined where `post` is. */
export const getStatus: GetStatus | undefined = undefined

/**
 * Undefined, so `fetch` is used: the web's standards have no way to post without a proxy. On Node,
 * `post-json.node.ts` takes the place of this file, by the `imports` of package.json.
 */
export const post: Post | undefined = undefined
