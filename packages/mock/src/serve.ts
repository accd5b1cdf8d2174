import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { systemClock } from '@portvakt/core'
import { takeOptions, wholeNumberBetween } from '@portvakt/core/internal'
import type { Hono } from 'hono'
import { refuseProduction } from './control/refuse-production.js'
import { CONTROL_PATH } from './control/running-mock.js'
import { type ConnectedTo, type OwnOrigins, ownOrigins, refuseForeign } from './control/same-origin.js'
import type { ServedMockMaskinporten } from './mock-interface.js'
import { createMockAt } from './mock-maskinporten.js'
import { MOCK_OPTIONS, type MockMaskinportenOptions } from './mock-options.js'

/** The options of the mock, and where it is served. */
export interface StartMockMaskinportenOptions extends MockMaskinportenOptions {
  /** The port. Default 0, which means any free port. */
  readonly port?: number
  /**
   * The address or name to listen on. Default `127.0.0.1`, which only this machine can reach. The mock accepts
   * these values of `Host`: this address or name, the address of the connection, `localhost`, `127.0.0.1`,
   * `[::1]`, and the host of its issuer. With `0.0.0.0` or `::` (all addresses), set `issuer` to the `http:`
   * URL at which other machines reach the mock.
   */
  readonly hostname?: string
  /** Allows `NODE_ENV=production`. Default false. */
  readonly allowProduction?: boolean
}

/**
 * Makes a mock of Maskinporten and serves it over HTTP, by default on loopback.
 *
 * @throws {TypeError} naming the wrong option
 * @throws {Error} when the mock cannot listen (for example, because the port is taken), or when NODE_ENV is
 * production
 * @example
 * await using mock = await startMockMaskinporten({ port: 8089 })
 * Object.assign(process.env, mock.env)
 */
export async function startMockMaskinporten(
  options: StartMockMaskinportenOptions = {},
): Promise<ServedMockMaskinporten> {
  const names = [...MOCK_OPTIONS, 'port', 'hostname', 'allowProduction'] as const
  const taken = takeOptions(options, names, 'startMockMaskinporten')
  const { port = 0, hostname = '127.0.0.1', allowProduction = false, ...rest } = taken
  refuseProduction(allowProduction)
  // Node would listen on a socket file for a string.
  wholeNumberBetween(port, 0, 65_535, 'port')
  if (typeof hostname !== 'string') throw new TypeError('`hostname` must be a string')
  let creating: ReturnType<typeof createMockAt>
  let control: Promise<Hono> | undefined
  let own: OwnOrigins | undefined
  async function answerFor(request: Request, connectedTo: ConnectedTo): Promise<Response> {
    const { mock, answer } = await creating
    // Check the origin before any route, so that the check protects every route.
    own ??= ownOrigins(local, hostname, mock.issuer)
    const refusal = refuseForeign(request, own, connectedTo)
    if (refusal) return refusal
    const { pathname } = new URL(request.url)
    if (pathname !== '/' && !pathname.startsWith(CONTROL_PATH)) return answer(request)
    // Load these routes at their first request, because most tests do not use them.
    control ??= import('./control/page-routes.js').then(({ createControl }) =>
      createControl(mock, rest.clock ?? systemClock),
    )
    return (await control).fetch(request)
  }
  // The issuer includes the port, so the mock is made after the server listens. Requests that arrive earlier
  // wait for the mock.
  const server = createServer(
    getRequestListener(
      async (request, { incoming }) => {
        try {
          return await answerFor(request, incoming.socket)
        } catch (error) {
          // Reset the connection, for the fault `reset`.
          incoming.socket.resetAndDestroy()
          throw error
        }
      },
      {
        // By default, `@hono/node-server` replaces Request and Response in the whole process, including the
        // tested app.
        overrideGlobalObjects: false,
        // A RequestError means that the request has no usable Host. Other errors have already ended the
        // connection.
        errorHandler: (error) =>
          error instanceof RequestError ? new Response(null, { status: 400 }) : undefined,
      },
    ),
  )
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const local = await listen(server, port, hostname)
  const url = reachedAt(local, rest.issuer)
  creating = createMockAt(url, rest)
  const { mock } = await creating.catch(async (error: unknown) => {
    await close(server)
    throw error
  })
  return Object.assign(mock, {
    url,
    close: () => close(server),
    unref: () => {
      // Open and future connections would also keep the process alive.
      server.unref().on('connection', (socket) => socket.unref())
      for (const socket of open) socket.unref()
    },
    [Symbol.asyncDispose]: () => close(server),
  })
}

/** Matches the unspecified addresses, which the empty string and numbers such as `0` and `0x0` also mean. */
const ALL_ADDRESSES = /^(0\.0\.0\.0|::|::ffff:0\.0\.0\.0)$/

async function listen(server: Server, port: number, hostname: string): Promise<string> {
  server.listen(port, hostname)
  await once(server, 'listening').catch((error: unknown) => {
    throw listenError(error, hostname, port)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The mock does not listen on a port')
  if (ALL_ADDRESSES.test(address.address) && hostname !== '0.0.0.0' && hostname !== '::') {
    await close(server)
    const given = `\`hostname\` is ${JSON.stringify(hostname)}, which means every address of this machine`
    throw new TypeError(`${given}. Write 0.0.0.0 or :: for that, or leave it out. ${OTHER_HOSTNAME}`)
  }
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  // `href` omits port 80, as an issuer must.
  return new URL(`http://${host}:${address.port}/`).href
}

/**
 * Returns the address for metadata and variables. An `http:` issuer is also this address, because validators
 * refuse keys on a host other than the issuer's. An `https:` issuer is not, because it can be a real
 * Maskinporten, and metadata must never send callers there.
 */
function reachedAt(local: string, issuer: string | undefined): string {
  if (typeof issuer === 'string' && issuer.startsWith('http://')) return issuer
  const url = new URL(local)
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return local
  // Clients cannot connect to the unspecified address.
  url.hostname = url.hostname === '[::]' ? '[::1]' : '127.0.0.1'
  return url.href
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

const OTHER_PORT = 'with `port` (`--port` on the command line)'
const OTHER_HOSTNAME = 'Correct `hostname` (`--hostname` on the command line)'

/** Hints, keyed by the operating system's error code. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: `another program listens there, perhaps another mock. Stop it, or choose another port ${OTHER_PORT}; 0 selects a free port`,
  EACCES: `this user is not allowed to listen on that port. Choose a port from 1024 ${OTHER_PORT}`,
  EADDRNOTAVAIL: `this machine does not have that address. ${OTHER_HOSTNAME}`,
  ENOTFOUND: `that name has no address. ${OTHER_HOSTNAME}`,
}

/** Adds a hint to an error. Returns an error with any other code unchanged. */
function listenError(error: unknown, hostname: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined
  if (hint === undefined) return error
  return new Error(`The mock cannot listen on ${hostname}, port ${port} (${code}): ${hint}`, { cause: error })
}
