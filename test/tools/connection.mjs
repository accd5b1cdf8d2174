import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const STATUS_LINE = Buffer.from('HTTP/1.1 ')
const EMPTY = Buffer.alloc(0)

/**
 * A persistent connection that costs the client little, so that the server is measured. Requests are prepared
 * bytes that are sent without waiting for answers. Answers are found by their status lines, which no body
 * contains.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2 answers come in the order of the requests
 */
export class Connection {
  #socket
  #judge
  #asked = []
  #rest = EMPTY

  constructor(socket, judge) {
    this.#socket = socket.setNoDelay(true)
    this.#judge = judge
    socket.on('data', (bytes) => this.#read(bytes))
    // A `close` event follows each error.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#fail())
  }

  /** @param judge function to call for every answer, with its status and its request */
  static async open(port, judge) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket, judge)
  }

  static openSeveral(count, port, judge) {
    return Promise.all(Array.from({ length: count }, () => Connection.open(port, judge)))
  }

  /** The number of requests without an answer. */
  get waiting() {
    return this.#asked.length
  }

  /**
   * @param requests objects with `bytes`, which are sent together, and optionally `failed`, a function to
   *   call with an error if the connection ends before the answer
   */
  send(requests) {
    for (const request of requests) this.#asked.push(request)
    if (this.#socket.destroyed) return this.#fail()
    this.#socket.write(
      requests.length === 1 ? requests[0].bytes : Buffer.concat(requests.map(({ bytes }) => bytes)),
    )
  }

  close() {
    this.#socket.destroy()
  }

  #fail() {
    for (const { failed } of this.#asked) failed?.(new Error('The server closed a connection'))
  }

  #read(received) {
    const bytes = this.#rest.length === 0 ? received : Buffer.concat([this.#rest, received])
    let from = 0
    for (let at = bytes.indexOf(STATUS_LINE); at >= 0; at = bytes.indexOf(STATUS_LINE, from)) {
      // The rest of a status line can arrive with the next packet.
      if (at + 12 > bytes.length) break
      from = at + 12
      this.#judge(Number(bytes.latin1Slice(at + 9, from)), this.#asked.shift())
    }
    this.#rest = bytes.subarray(Math.max(from, bytes.length - 11))
  }
}

export function waitingOn(connections) {
  return connections.reduce((sum, { waiting }) => sum + waiting, 0)
}

/**
 * Returns how many requests have no answer after 10 s. A guard lets a request wait for keys for at most 5 s.
 */
export async function unanswered(connections) {
  const end = performance.now() + 10_000
  while (waitingOn(connections) > 0 && performance.now() < end) await wait(10)
  return waitingOn(connections)
}

/** Starts a server on loopback. Resolves to its port. */
export async function listening(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/** The bytes of a request. */
export function get(path, authorization) {
  const credentials = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
  const others = 'Host: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: test\r\n'
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${others}${credentials}\r\n`, 'latin1')
}
