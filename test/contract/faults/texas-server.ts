import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { MaskinportenValidator } from '@portvakt/core'
import { decodeProtectedHeader } from 'jose'
import { deferred } from '../../../packages/core/test/deferred.js'
import { READ } from '../conformance/api.js'
import { running } from '../conformance/host.js'

/** The token with which a validator probes Texas by POST. */
const PROBE = 'probe'

/**
 * A Texas server that checks one token at a time, under one lock, and counts requests. A request with a token
 * of an unknown key holds the lock until the caller gives up, as if Texas searched for the key. A GET request
 * is answered at once.
 *
 * @see https://github.com/nais/texas/blob/b7b2193/src/handler.rs
 */
export class TexasServer {
  /** The received tokens in order, without probes. */
  readonly shown: string[] = []
  /** The highest number of concurrent requests, including waiting requests. */
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
    if (token !== PROBE) this.shown.push(token)
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    const before = this.#lock
    const released = deferred<void>()
    this.#lock = released.promise
    await before
    const verdict = response.destroyed ? undefined : this.#verdictOn(token)
    if (verdict) response.setHeader('content-type', 'application/json').end(JSON.stringify(verdict))
    else if (!response.destroyed) await once(response, 'close')
    if (!verdict) this.abandoned++
    this.#atOnce--
    released.resolve()
  }

  /** Returns undefined for a token of an unknown key. */
  #verdictOn(token: string): object | undefined {
    if (token === PROBE) return { active: false, error: 'invalid token header: InvalidToken' }
    return this.#seenKeys.has(decodeProtectedHeader(token).kid ?? '') ? { active: true } : undefined
  }

  async listen(): Promise<string> {
    const { port } = await running(this.#server)
    return `http://127.0.0.1:${port}/api/v1/introspect`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

/** Returns `allowed`, or the status and the reason of the refusal. */
export async function outcomeOf(validator: MaskinportenValidator, token: string): Promise<string> {
  const decision = await validator.decide(`Bearer ${token}`, READ)
  return decision.allowed ? 'allowed' : `${decision.denial.status} ${decision.denial.reason}`
}
