import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { systemClock } from '@portvakt/core'
import { takeOptions } from '@portvakt/core/internal'
import type { Hono } from 'hono'
import { CONTROL_PATH } from './control/control-path.js'
import { refuseProduction } from './control/refuse-production.js'
import { type ConnectedTo, type OwnOrigins, ownOrigins, refuseForeign } from './control/same-origin.js'
import type { ServedMockMaskinporten } from './mock-interface.js'
import { createMockAt } from './mock-maskinporten.js'
import { MOCK_OPTIONS, type MockMaskinportenOptions } from './mock-options.js'

/** Where and how the mock is served. */
export interface StartMockMaskinportenOptions extends MockMaskinportenOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /**
   * The address or name to listen on. Default `127.0.0.1`, which only this machine reaches. The mock answers by
   * it, by the address that was connected to, by `localhost`, and by the host of its issuer. For `0.0.0.0` or
   * `::`, every address of the machine, give the `http:` URL by which other machines reach the mock as `issuer`.
   */
  readonly hostname?: string
  /** Allows `NODE_ENV=production`, which is refused otherwise. */
  readonly allowProduction?: boolean
}

/**
 * Makes a Maskinporten and serves it over HTTP, on loopback unless told otherwise.
 *
 * @throws {TypeError} naming the option that is wrong
 * @throws {Error} when it cannot listen (the port is taken, for example), or NODE_ENV is production
 * @example
 * await using mock = await startMockMaskinporten({ port: 8089 })
 * Object.assign(process.env, mock.env)
 */
export async function startMockMaskinporten(
  options: StartMockMaskinportenOptions = {},
): Promise<ServedMockMaskinporten> {
  const taken = takeOptions(
    options,
    [...MOCK_OPTIONS, 'port', 'hostname', 'allowProduction'],
    'startMockMaskinporten',
  )
  const { port = 0, hostname = '127.0.0.1', allowProduction = false, ...rest } = taken
  refuseProduction(allowProduction)
  let creating: ReturnType<typeof createMockAt>
  let control: Promise<Hono> | undefined
  let own: OwnOrigins | undefined
  async function answerFor(request: Request, connectedTo: ConnectedTo): Promise<Response> {
    const { mock, answer } = await creating
    // Before any route, so that it holds for all of them.
    own ??= ownOrigins(local, hostname, mock.issuer)
    const refusal = refuseForeign(request, own, connectedTo)
    if (refusal) return refusal
    const { pathname } = new URL(request.url)
    if (pathname !== '/' && !pathname.startsWith(CONTROL_PATH)) return answer(request)
    // Loaded with the first request to it: tests have no use for it.
    control ??= import('./control/control.js').then(({ createControl }) =>
      createControl(mock, rest.clock ?? systemClock),
    )
    return (await control).fetch(request)
  }
  // The port names the issuer, so the mock is made once it is known; a request that comes earlier waits.
  const server = createServer(
    getRequestListener(
      async (request, { incoming }) => {
        try {
          return await answerFor(request, incoming.socket)
        } catch (error) {
          // A fault that cuts the connection; there is nobody to answer any more.
          incoming.socket.resetAndDestroy()
          throw error
        }
      },
      {
        // The default would replace Request and Response for the whole process, the tested app included.
        overrideGlobalObjects: false,
        // A request that has no usable Host. Other errors have cut the connection.
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
      // Connections that are kept alive hold the process as the server itself does, old and new.
      server.unref().on('connection', (socket) => socket.unref())
      for (const socket of open) socket.unref()
    },
    [Symbol.asyncDispose]: () => close(server),
  })
}

async function listen(server: Server, port: number, hostname: string): Promise<string> {
  server.listen(port, hostname)
  await once(server, 'listening').catch((error: unknown) => {
    throw listenError(error, hostname, port)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The mock does not listen on a port')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}/`
}

/**
 * The address in metadata and variables: that of an `http:` issuer, as validators refuse keys on another host
 * than the issuer's. An `https:` issuer may be a real Maskinporten, and metadata must never send callers to one.
 */
function reachedAt(local: string, issuer: string | undefined): string {
  if (typeof issuer === 'string' && issuer.startsWith('http://')) return issuer
  const url = new URL(local)
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return local
  // Nothing connects to a wildcard address.
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

/** What to do, by the system's code. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: `another program listens there, perhaps another mock. Stop it, or choose another port ${OTHER_PORT}; 0 is any free one`,
  EACCES: `this user may not listen on that port. Choose a port from 1024 ${OTHER_PORT}`,
  EADDRNOTAVAIL: `this machine does not have that address. ${OTHER_HOSTNAME}`,
  ENOTFOUND: `that name has no address. ${OTHER_HOSTNAME}`,
}

/** The error of a server that cannot listen, with what to do. An error with another code is returned unchanged. */
function listenError(error: unknown, hostname: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined
  if (hint === undefined) return error
  return new Error(`The mock cannot listen on ${hostname}, port ${port} (${code}): ${hint}`, { cause: error })
}
