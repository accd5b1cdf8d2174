export interface PostAnswer {
  readonly status: number
  /** The `Content-Encoding` of `body`. The body is not decoded. */
  readonly encoding: string | undefined
  /** The `Retry-After` header, unparsed. */
  readonly retryAfter: string | undefined
  /** Undefined if the body is larger than `maxBytes`. */
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

export interface PostOptions {
  readonly url: string
  /** The JSON text to send. */
  readonly body: string
  /** Aborts the exchange and closes its connection. */
  readonly signal: AbortSignal
  readonly maxBytes: number
  /**
   * True reuses a connection, and sends the request again if that connection closes before the first byte of
   * the answer. False uses a new connection, and sends the request once.
   */
  readonly keepAlive: boolean
  /** Whether the process can exit while the connection is open. */
  readonly inBackground: boolean
}

/** Posts JSON without a proxy. Redirects are not followed. Rejects with the platform's error. */
export type Post = (options: PostOptions) => Promise<PostAnswer>

/** Returns the status of a GET, on a new connection, without a proxy. The body is not read. */
export type GetStatus = (options: Pick<PostOptions, 'url' | 'signal' | 'inBackground'>) => Promise<number>

// Undefined here, so that callers use `fetch`: web standards have no way to bypass a proxy. On Node, the
// `imports` of package.json replace this file with `post-json.node.ts`.
export const getStatus: GetStatus | undefined = undefined
export const post: Post | undefined = undefined
