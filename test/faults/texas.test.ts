import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTexasValidator, type DecisionEvent } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, NOW } from '../security/forge.js'
import { until } from './world.js'

const forge = new Forge()
const GOOD = forge.token({ exp: NOW + 3600 })
/** Signed by a key that Maskinporten publishes and that Texas has not seen. */
const OF_UNSEEN_KEY = forge.raw(
  { ...forge.header, kid: forge.bystander.jwk.kid },
  { ...forge.claims, exp: NOW + 3600 },
  forge.bystander,
)

/**
 * Checks one token at a time, under one lock, as Texas does. It looks for an unseen key for as long as its caller
 * waits, and answers a GET at once.
 */
class TexasServer {
  readonly asked: string[] = []
  gets = 0
  /** Connections that ended without an answer. */
  abandoned = 0
  #lock: Promise<void> = Promise.resolve()
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response))

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      this.gets++
      return void response.writeHead(405).end()
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { token } = JSON.parse(body)
    this.asked.push(token)
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
    release()
  }

  /** Undefined while it looks for the key. */
  #verdictOn(token: string): object | undefined {
    if (token === 'probe') return { active: false, error: 'invalid token header: InvalidToken' }
    return decodeProtectedHeader(token).kid === forge.known.jwk.kid ? { active: true } : undefined
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

let texas: TexasServer
let clock: TestClock
let events: DecisionEvent[]
let validator: ReturnType<typeof createTexasValidator>
beforeEach(async () => {
  texas = new TexasServer()
  clock = createTestClock(NOW * 1000)
  events = []
  validator = createTexasValidator({
    issuer: ISSUER,
    jwks: { keys: [forge.known.jwk, forge.bystander.jwk] },
    introspectionEndpoint: await texas.listen(),
    clock,
    onDecision: (event) => events.push(event),
  })
  await validator.ready()
})
afterEach(() => texas.close())

async function present(token: string): Promise<string> {
  const decision = await validator.decide(`Bearer ${token}`, READ)
  return decision.allowed ? 'let in' : `${decision.denial.status} ${decision.denial.reason}`
}
const shown = () => texas.asked.filter((token) => token !== 'probe')

describe('callers without a token of Maskinporten’s', () => {
  it('never reach Texas, 50 at a time, while good tokens pass', async () => {
    const verdicts = new Set<string>()
    let isOver = false
    const flood = Array.from({ length: 50 }, async (_, caller) => {
      for (let attempt = 0; !isOver; attempt++) {
        const kid = `invented-${caller}-${attempt}`
        const token =
          attempt % 2 === 0
            ? forge.unsigned({ ...forge.header, kid }, 'AAAA', forge.claims)
            : forge.forged({}, { exp: NOW + 3600 })
        verdicts.add(await present(token))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    for (let times = 0; times < 20; times++) expect(await present(GOOD)).toBe('let in')
    isOver = true
    await Promise.all(flood)
    expect(verdicts).toEqual(new Set(['401 unknown_key', '401 bad_signature']))
    expect(new Set(shown())).toEqual(new Set([GOOD]))
    expect(shown()).toHaveLength(20)
  })

  it('change nothing about health, and neither does an expired token', async () => {
    const before = validator.health()
    expect(before).toMatchObject({ usable: true, keys: 2 })
    expect(await present(forge.forged())).toBe('401 bad_signature')
    expect(await present(forge.token({ exp: NOW - 60, iat: NOW - 100 }))).toBe('401 expired')
    expect(validator.health()).toEqual(before)
    expect(shown()).toEqual([])
  })
})

describe('a good token of a key that Texas looks for in vain', () => {
  it('is 503 at the deadline, its connection is closed, and the instance stays usable', async () => {
    const answered = present(OF_UNSEEN_KEY)
    await until(() => shown().length === 1)
    clock.advance(4.9)
    expect(texas.abandoned).toBe(0)
    clock.advance(0.1)
    expect(await answered).toBe('503 introspection_unavailable')
    await until(() => texas.abandoned > 0)
    expect(events[0]).toMatchObject({ reason: 'introspection_unavailable', keyFailure: 'timeout' })
    expect(await present(GOOD)).toBe('let in')
    await validator.ready()
    expect(validator.health().usable).toBe(true)
  })

  it('does not fail the probe that runs while Texas looks', async () => {
    clock.advance(4)
    const answered = present(OF_UNSEEN_KEY)
    await until(() => shown().length === 1)
    clock.advance(1)
    expect(validator.health().usable).toBe(true)
    await until(() => texas.gets === 1)
    await validator.ready()
    expect(validator.health().usable).toBe(true)
    clock.advance(4)
    expect(await answered).toBe('503 introspection_unavailable')
  })
})

describe('Texas that is gone', () => {
  it('makes health unusable within two deadlines of polling, and every good token is 503', async () => {
    const begun = clock.elapsed()
    await texas.close()
    clock.advance(5)
    expect(validator.health().usable).toBe(true)
    await until(() => !validator.health().usable)
    expect(clock.elapsed() - begun).toBeLessThanOrEqual(10_000)
    expect(validator.health()).toMatchObject({ lastFailure: { reason: 'unreachable', code: 'ECONNREFUSED' } })
    expect(await present(GOOD)).toBe('503 introspection_unavailable')
    expect(events.at(-1)).toMatchObject({ keyFailure: 'unreachable', keyFailureCode: 'ECONNREFUSED' })
    await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
    expect(await present(forge.forged())).toBe('401 bad_signature')
  })
})
