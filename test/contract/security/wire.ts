import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer. The names of its headers are in lower case, and repeated headers are kept. */
export interface RawAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The whole answer, for the leak scan. */
  readonly text: string
}

/** A request that is sent exactly as given. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  /** Headers, sent in Latin-1 exactly as given, even if they are repeated, folded or broken. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** A connection to a host, kept open between requests. */
export class Wire {
  readonly #port: number
  #socket: Socket | undefined
  #received = ''

  constructor(port: number) {
    this.#port = port
  }

  /** Connects, unless the connection is still open. */
  async open(): Promise<void> {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return
    const socket = connect(this.#port, '127.0.0.1')
    this.#socket = socket.setEncoding('latin1').setNoDelay(true)
    this.#received = ''
    socket.on('data', (chunk: string) => {
      this.#received += chunk
    })
    // Socket errors are ignored here, because the pending request reports a closed connection.
    socket.on('error', () => undefined)
    await once(socket, 'connect')
  }

  async send({ method, target, headers, body = '' }: RawRequest): Promise<RawAnswer> {
    await this.open()
    const socket = this.#socket
    if (!socket) throw new Error('The connection is not open')
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n${body}`, 'latin1')
    return new Promise((resolve, reject) => {
      const look = (ended: boolean) => {
        const answer = readAnswer(this.#received, method === 'HEAD', ended)
        if (!answer && !ended) return
        socket.off('data', onData).off('close', onClose)
        this.#received = ''
        if (!answer) return reject(new Error(`The connection ended without an answer to ${method} ${target}`))
        // Node ends the connection after a request that its parser cannot read, even without
        // `connection: close`.
        const isLast = /^connection: close/im.test(answer.text) || [400, 431].includes(answer.status)
        if (isLast) socket.destroy()
        resolve(answer)
      }
      const onData = () => look(false)
      const onClose = () => look(true)
      socket.on('data', onData).on('close', onClose)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }
}

/** Returns undefined while the answer is incomplete. */
function readAnswer(text: string, isHead: boolean, ended: boolean): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line = '', ...fields] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1])
  const rest = text.slice(end + 4)
  if (status < 200) return readAnswer(rest, isHead, ended)
  const headers = fields.map((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
  })
  const fieldOf = (wanted: string) => headers.find(([name]) => name === wanted)?.[1]
  const answer = (body: string): RawAnswer => ({ status, headers, body, text })
  if (isHead || status === 204 || status === 304) return answer('')
  if (fieldOf('transfer-encoding') === 'chunked') {
    const body = readChunks(rest)
    return body === undefined ? undefined : answer(body)
  }
  const length = fieldOf('content-length')
  if (length === undefined) return ended ? answer(rest) : undefined
  return rest.length < Number(length) ? undefined : answer(rest.slice(0, Number(length)))
}

function readChunks(text: string): string | undefined {
  let body = ''
  for (let at = 0; ; ) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(text.slice(at, end), 16)
    if (size === 0) return body
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}
