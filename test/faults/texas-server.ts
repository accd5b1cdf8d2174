import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeProtectedHeader } from 'jose'

/** What a probe by POST shows Texas in place of a token. */
const PROBE = 'probe'

/**
 * Checks one token at a time, under one lock, as Texas does, and counts. It looks for an unseen key for as long as
 * its caller waits, and answers a GET at once.
 *
 * @see https://github.com/nais/texas/blob/b7b2193/src/handler.rs
 */
export class TexasServer {
  /** The tokens that it was shown, in their order, without probes. */
  readonly shown: string[] = []
  probes = 0
  /** The most requests that were at Texas at one time: the one that it checks, and those behind it. */
  mostAtOnce = 0
  gets = 0
  /** Connections that ended without an answer. */
  abandoned = 0
  #atOnce = 0
  #lock: Promise<void> = Promise.resolve()
  readonly #seenKeys: Set<string>
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response))

  constructor(seenKeys: readonly string[]) {
    this.#seenKeys = new Set(seenKeys)
  }

  /** From now on Texas has this key too. */
  see(keyId: string): void {
    this.#seenKeys.add(keyId)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      this.gets++
      return void response.writeHead(405).end()
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { token } = JSON.parse(body)
    if (token === PROBE) this.probes++
    else this.shown.push(token)
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    const before = this.#lock
    let release = () => {}
    this.#lock = new Promise((resolve) => {
      release = resolve
    })
    await before
    const verdict = response.destroyed ? undefined : this.#verdictOn(token)
    if (verdict) response.setHeader('content-type', 'application/json').end(JSON.stringify(verdict))
    else if (!response.destroyed) await once(response, 'close')
    if (!verdict) this.abandoned++
    this.#atOnce--
    release()
  }

  /** Undefined while it looks for the key. */
  #verdictOn(token: string): object | undefined {
    if (token === PROBE) return { active: false, error: 'invalid token header: InvalidToken' }
    return this.#seenKeys.has(decodeProtectedHeader(token).kid ?? '') ? { active: true } : undefined
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1/introspect`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}
