import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * An HTTP client that uses little CPU. Each persistent connection has one request at a time. The client reads
 * only the status and the length of an answer.
 */
export class Client {
  #connections

  constructor(connections) {
    this.#connections = connections
  }

  static async open(port, count) {
    return new Client(await Promise.all(Array.from({ length: count }, () => Connection.open(port))))
  }

  /**
   * Sends all requests. Each connection sends its next request when the last one is answered.
   *
   * @param authorizations a header value for each request
   * @returns `wall` in microseconds, `latencies` in microseconds, and the number of unexpected statuses
   */
  async run(authorizations, expected) {
    const latencies = []
    let wrong = 0
    let next = 0
    const before = process.hrtime.bigint()
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (next < authorizations.length) {
          const sent = process.hrtime.bigint()
          const status = await connection.send(authorizations[next++])
          latencies.push(Number(process.hrtime.bigint() - sent) / 1000)
          if (!expected(status)) wrong++
        }
      }),
    )
    return { wall: Number(process.hrtime.bigint() - before) / 1000, latencies, wrong }
  }

  /**
   * Sends requests at a steady rate, without waiting for answers. Latency counts from the time when a request
   * was due, so that it includes delays caused by a stalled server.
   *
   * @returns the same figures as {@link run}
   */
  async pace(authorizations, perSecond, expected) {
    const free = [...this.#connections]
    const due = []
    const latencies = []
    let wrong = 0
    let sent = 0
    const began = process.hrtime.bigint()
    const dueAt = (index) => began + BigInt(Math.round((index * 1e9) / perSecond))
    await new Promise((resolve, reject) => {
      const pump = () => {
        while (due.length > 0 && free.length > 0) {
          const index = due.shift()
          const connection = free.pop()
          connection.send(authorizations[index]).then((status) => {
            latencies.push(Number(process.hrtime.bigint() - dueAt(index)) / 1000)
            if (!expected(status)) wrong++
            free.push(connection)
            if (latencies.length === authorizations.length) resolve()
            else pump()
          }, reject)
        }
      }
      const timer = setInterval(() => {
        while (sent < authorizations.length && dueAt(sent) <= process.hrtime.bigint()) due.push(sent++)
        if (sent === authorizations.length) clearInterval(timer)
        pump()
      }, 2)
    })
    return { wall: Number(process.hrtime.bigint() - began) / 1000, latencies, wrong }
  }

  close() {
    for (const connection of this.#connections) connection.close()
  }
}

class Connection {
  #socket
  #received = ''
  #answered
  #failed
  #closed

  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text) => this.#read(text))
    socket.on('close', () => this.#fail(new Error('The server closed a connection')))
    socket.on('error', (error) => this.#fail(error))
  }

  static async open(port) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** @returns a promise that resolves to the status */
  send(authorization) {
    if (this.#closed) return Promise.reject(this.#closed)
    const header = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
    this.#socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: bench\r\n${header}\r\n`,
      'latin1',
    )
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
    })
  }

  close() {
    this.#socket.destroy()
  }

  #fail(error) {
    this.#closed ??= error
    this.#failed?.(error)
  }

  #read(text) {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, end))
    const isWhole = length
      ? this.#received.length >= end + 4 + Number(length[1])
      : this.#received.endsWith('0\r\n\r\n')
    if (!isWhole) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#answered(status)
  }
}
