import { Connection, get } from '../connection.mjs'

/** An HTTP client with persistent connections, each with one request at a time. */
export class Client {
  #connections

  constructor(connections) {
    this.#connections = connections
  }

  static async open(port, count) {
    return new Client(await Connection.openSeveral(count, port, (status, { answered }) => answered(status)))
  }

  /**
   * Sends all requests. Each connection sends its next request when its previous request is answered.
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
          const status = await statusOf(connection, authorizations[next++])
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
          statusOf(connection, authorizations[index]).then((status) => {
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

/** Resolves to the status of a request. */
function statusOf(connection, authorization) {
  return new Promise((answered, failed) => {
    connection.send([{ bytes: get('/', authorization), answered, failed }])
  })
}
