import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const STATUS_LINE = Buffer.from('HTTP/1.1 ')
const EMPTY = Buffer.alloc(0)

/**
 * A connection that stays open and costs its client next to nothing, so that the server is what is measured:
 * requests are bytes that were made beforehand, they are sent without waiting for answers, and of an answer
 * only the status is read. No answer of the server's has a status line in its body.
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
    // What it leaves unanswered is counted by whoever asks for it.
    socket.on('error', () => undefined)
  }

  /** @param judge is told of every answer: its status, and the request that it belongs to */
  static async open(port, judge) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket, judge)
  }

  static openSeveral(count, port, judge) {
    return Promise.all(Array.from({ length: count }, () => Connection.open(port, judge)))
  }

  /** How many requests have no answer yet. */
  get waiting() {
    return this.#asked.length
  }

  /** @param requests each with its `bytes`; they go out together */
  send(requests) {
    for (const request of requests) this.#asked.push(request)
    this.#socket.write(
      requests.length === 1 ? requests[0].bytes : Buffer.concat(requests.map(({ bytes }) => bytes)),
    )
  }

  close() {
    this.#socket.destroy()
  }

  #read(received) {
    const bytes = this.#rest.length === 0 ? received : Buffer.concat([this.#rest, received])
    let from = 0
    for (let at = bytes.indexOf(STATUS_LINE); at >= 0; at = bytes.indexOf(STATUS_LINE, from)) {
      // The last bytes of a status line may come with the next packet.
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

/** How many requests have no answer when nobody should wait any longer: a request waits for keys for 5 s at most. */
export async function unanswered(connections) {
  const end = performance.now() + 10_000
  while (waitingOn(connections) > 0 && performance.now() < end) await wait(10)
  return waitingOn(connections)
}

/** A request as it goes over the wire. */
export function get(path, authorization) {
  const credentials = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${credentials}\r\n`, 'latin1')
}
