import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTexasValidator, type DecisionEvent } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, NOW } from '../security/forge.js'
import { until } from './world.js'

const forge = new Forge()
const GOOD = forge.token({ exp: NOW + 3600 })

/** Answers as Texas does: it looks an unseen key up, and quotes why it could not. */
class TexasServer {
  readonly asked: string[] = []
  /** Whether Maskinporten's key set can be reached. */
  keySetIsUp = true
  readonly #server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { token } = JSON.parse(body)
    this.asked.push(token)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(this.#verdictOn(token)))
  })

  #verdictOn(token: string): object {
    try {
      const isKnown = decodeProtectedHeader(token).kid === forge.known.jwk.kid
      if (isKnown) return { active: true, ...decodeJwt(token) }
    } catch {
      return { active: false, error: 'invalid token header: InvalidToken' }
    }
    if (!this.keySetIsUp) return { active: false, error: 'fetch: error sending request' }
    return { active: false, error: 'token can not be validated with this identity provider' }
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
    introspectionEndpoint: await texas.listen(),
    clock,
    onDecision: (event) => events.push(event),
  })
})
afterEach(() => texas.close())

async function present(token: string): Promise<string> {
  const decision = await validator.decide(`Bearer ${token}`, READ)
  return decision.allowed ? 'let in' : decision.denial.reason
}

describe('while Texas cannot look unseen keys up', () => {
  it('a forged token is answered 503 and changes nothing for any other request', async () => {
    await validator.ready()
    texas.keySetIsUp = false
    const before = validator.health()
    expect(before).toEqual({ usable: true, keys: 0 })
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await present(forge.token({}, { kid: `invented-${attempt}` }))).toBe('introspection_unavailable')
      expect(validator.health()).toEqual(before)
      expect(await present(GOOD)).toBe('let in')
      await validator.ready()
    }
    const failures = events.map(({ reason, keyFailure }) => [reason ?? 'let in', keyFailure])
    expect(new Set(failures.map(String))).toEqual(
      new Set(['introspection_unavailable,no_upstream', 'let in,']),
    )
    expect(texas.asked.filter((token) => token === 'probe')).toHaveLength(1)
  })

  it('a forged token does not become the state of an instance that was not probed yet', async () => {
    texas.keySetIsUp = false
    expect(await present(forge.token({}, { kid: 'invented' }))).toBe('introspection_unavailable')
    expect(validator.health()).toEqual({ usable: false, keys: 0 })
    await until(() => validator.health().usable)
  })

  it('a good token does not hide that the probe failed', async () => {
    await validator.ready()
    await texas.close()
    clock.advance(5)
    await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
    expect(await present(GOOD)).toBe('introspection_unavailable')
    expect(validator.health()).toMatchObject({
      usable: false,
      lastFailure: { reason: 'unreachable', code: 'ECONNREFUSED', age: 0 },
    })
    expect(events.at(-1)).toMatchObject({ keyFailure: 'unreachable', keyFailureCode: 'ECONNREFUSED' })
  })
})

describe('Texas that is gone', () => {
  it('makes health unusable within two deadlines of polling', async () => {
    await validator.ready()
    await texas.close()
    clock.advance(5)
    expect(validator.health().usable).toBe(true)
    await until(() => !validator.health().usable)
    expect(clock.elapsed()).toBeLessThanOrEqual(10_000)
  })
})
