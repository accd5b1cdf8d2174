import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AccessRequirement, Denial, MaskinportenValidator, VerifiedToken } from '@portvakt/core'
import { authorizationValues, prepareRequirement } from '@portvakt/core/adapter'

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, token: VerifiedToken) => void

/**
 * Passes on an upgrade request only if its token meets the requirement. This function's listener must be the
 * server's only `upgrade` listener.
 */
export function guardUpgrades(
  server: Server,
  requirement: AccessRequirement<IncomingMessage>,
  validator: MaskinportenValidator,
  upgrade: Upgrade,
): void {
  const prepared = prepareRequirement(requirement)
  server.on('upgrade', (request, socket, head) => {
    // Node no longer listens for errors of this socket. Without a listener, a socket error would end the
    // process.
    const destroy = () => socket.destroy()
    socket.on('error', destroy)
    validator
      .decide(authorizationValues(request), prepared, { request })
      .then((decision) => {
        if (!decision.allowed) return deny(socket, decision.denial)
        socket.off('error', destroy)
        upgrade(request, socket, head, decision.token)
      })
      // Your own rule or `upgrade` threw an error.
      .catch(destroy)
  })
}

function deny(socket: Duplex, { status, headers, body }: Denial): void {
  const fields = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`
  socket.end(head + body, () => socket.destroy())
}
