import { setTimeout as wait } from 'node:timers/promises'
import { Connection, get } from '../connection.mjs'

/** Interval in milliseconds at which a connection checks whether its next request is due. */
const POLLED_EVERY = 2

const microseconds = () => performance.now() * 1000

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
   * Sends all requests. Each connection sends its next request when its previous request is answered and, with
   * `perSecond`, when its next request is due. The latency of a paced request counts from the time when it was
   * due, so that it includes delays caused by a stalled server.
   *
   * @param authorizations a header value for each request
   * @returns `wall` in microseconds, `latencies` in microseconds, and the number of unexpected statuses
   */
  async run(authorizations, expected, perSecond) {
    const latencies = []
    let wrong = 0
    let next = 0
    const began = microseconds()
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (next < authorizations.length) {
          const index = next++
          const from = perSecond ? began + (index * 1e6) / perSecond : microseconds()
          while (microseconds() < from) await wait(POLLED_EVERY)
          const status = await statusOf(connection, authorizations[index])
          latencies.push(microseconds() - from)
          if (!expected(status)) wrong++
        }
      }),
    )
    return { wall: microseconds() - began, latencies, wrong }
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
