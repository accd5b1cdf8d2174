import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type Fault,
  type MockMaskinporten,
  type ServedMockMaskinporten,
  startMockMaskinporten,
  type TestClock,
} from '../../src/index.js'

let clock: TestClock
let mock: MockMaskinporten
let served: ServedMockMaskinporten
beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock })
  served = await startMockMaskinporten()
})
afterEach(() => {
  mock.clearFaults()
  served.clearFaults()
})
afterAll(() => served.close())

const jwk = (init?: RequestInit) => mock.fetch(`${mock.issuer}jwk`, init)
const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The same fault without a socket, and over one. */
const places = [
  ['in this process', () => mock, (path: string, init?: RequestInit) => mock.fetch(mock.issuer + path, init)],
  ['over HTTP', () => served, (path: string, init?: RequestInit) => fetch(served.url + path, init)],
] as const

describe.each(places)('a fault %s', (_place, on, get) => {
  it('answers with a status, headers and a body of one’s own', async () => {
    on().addFault('jwk', { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' })
    const response = await get('jwk')
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      429,
      '7',
      'slow down',
    ])
  })

  it('befalls as many requests as it was told', async () => {
    on().addFault('jwk', { status: 500 }, { times: 2 })
    on().addFault('jwk', { status: 502 }, { times: 1 })
    const statuses = []
    for (let request = 0; request < 4; request++) statuses.push((await get('jwk')).status)
    expect(statuses).toEqual([500, 500, 502, 200])
  })

  it('befalls its own endpoint alone, until it is taken away', async () => {
    const end = on().addFault('jwk', { status: 500 })
    expect((await get('.well-known/oauth-authorization-server')).status).toBe(200)
    expect((await get('jwk')).status).toBe(500)
    end()
    expect((await get('jwk')).status).toBe(200)
  })

  it('befalls any path, also one that Maskinporten has not', async () => {
    on().addFault('/elsewhere', { status: 418 })
    expect((await get('elsewhere?x=1')).status).toBe(418)
  })

  it('befalls the token endpoint', async () => {
    on().addFault('token', { status: 503 })
    expect((await get('token', { method: 'POST', body: new URLSearchParams() })).status).toBe(503)
  })

  it('cuts the connection', async () => {
    on().addFault('jwk', 'reset', { times: 1 })
    const error: unknown = await get('jwk').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } })
    expect((await get('jwk')).status).toBe(200)
  })

  it('never answers, until the caller gives up', async () => {
    on().addFault('jwk', 'hang')
    const controller = new AbortController()
    const asked = get('jwk', { signal: controller.signal })
    await turns()
    controller.abort()
    await expect(asked).rejects.toThrow(/aborted/)
  })

  it('is a page where JSON should be', async () => {
    on().addFault('jwk', 'html')
    const response = await get('jwk')
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html'])
    expect(await response.text()).toMatch(/^<!doctype html>/)
  })

  it('is a set without keys, and elsewhere an object without members', async () => {
    on().addFault('jwk', 'empty')
    on().addFault('metadata', 'empty')
    expect(await (await get('jwk')).json()).toEqual({ keys: [] })
    expect(await (await get('.well-known/oauth-authorization-server')).json()).toEqual({})
  })

  it('is a body without end, of which a reader takes as much as it likes', async () => {
    on().addFault('jwk', 'huge')
    const { body } = await get('jwk')
    const reader = body?.getReader()
    let bytes = 0
    while (bytes < 1024 * 1024) bytes += (await reader?.read())?.value?.byteLength ?? 0
    await reader?.cancel()
  })
})

describe('a slow answer', () => {
  it('comes late by the mock’s clock', async () => {
    mock.addFault('jwk', { delay: 2 })
    let answered = false
    const asked = jwk().then((response) => {
      answered = true
      return response
    })
    clock.advance(1.9)
    await turns()
    expect(answered).toBe(false)
    clock.advance(0.1)
    expect(await (await asked).json()).toEqual(mock.jwks())
  })

  it('comes byte by byte by the mock’s clock', async () => {
    mock.addFault('jwk', { drip: 0.2 })
    const text = JSON.stringify(mock.jwks())
    let received = ''
    const reading = (async () => {
      const { body } = await jwk()
      for await (const bytes of body ?? []) received += Buffer.from(bytes).toString()
    })()
    await turns()
    for (let byte = 1; byte <= 3; byte++) {
      clock.advance(0.2)
      await turns()
      expect(received.length).toBeLessThanOrEqual(byte)
    }
    while (received.length < text.length) {
      clock.advance(0.2)
      await turns()
    }
    await reading
    expect(received).toBe(text)
  })

  it.each<[string, Fault]>([
    ['late', { delay: 2 }],
    ['byte by byte', { drip: 2 }],
    ['without end', 'huge'],
  ])('that comes %s ends when the caller gives up', async (_title, fault) => {
    mock.addFault('jwk', fault)
    const controller = new AbortController()
    const read = jwk({ signal: controller.signal }).then((response) =>
      response.text().then(({ length }) => `${length} characters`),
    )
    await turns()
    controller.abort(new Error('gave up'))
    expect(await read.catch((error: Error) => error.message)).toBe('gave up')
  })
})

it('a validator outlives each of them, and says what it was', async () => {
  const outages: [Fault, string][] = [
    [{ status: 500 }, 'bad_status'],
    ['reset', 'unreachable'],
    ['html', 'not_json'],
    ['empty', 'no_usable_key'],
    ['huge', 'too_large'],
  ]
  const token = await mock.issueToken({ scope: 'nav:a' })
  for (const [fault, reason] of outages) {
    const validator = createMaskinportenValidator({
      issuer: mock.issuer,
      jwksUri: `${mock.issuer}jwk`,
      fetch: mock.fetch,
      clock,
    })
    mock.addFault('jwk', fault, { times: 1 })
    await expect(validator.verify(token, 'nav:a')).rejects.toThrow(/keys_unavailable/)
    expect(validator.health().lastFailure?.reason).toBe(reason)
  }
})

describe('a mistake is named', () => {
  test.each<[string, unknown[], RegExp]>([
    ['an unknown endpoint', ['jwks', 'hang'], /`endpoint` must be one of metadata, jwk, token/],
    ['an unknown fault', ['jwk', 'slow'], /A fault is one of hang, reset/],
    ['no fault', ['jwk'], /A fault is one of/],
    ['an informational status', ['jwk', { status: 100 }], /from 200 to 599/],
    ['a misspelt member', ['jwk', { status: 500, header: {} }], /no option `header`/],
    ['an object without a fault', ['jwk', {}], /status, delay or drip/],
    ['a body that no status goes with', ['jwk', { delay: 1, body: '' }], /status, delay or drip/],
    [
      'an inherited status',
      ['jwk', Object.assign(Object.create({ status: 500 }), { body: '' })],
      /`status`.*Copy/,
    ],
    [
      'headers of a class',
      ['jwk', { status: 500, headers: new Headers() }],
      /^`headers` takes a plain object/,
    ],
    ['two faults in one', ['jwk', { delay: 1, drip: 1 }], /status, delay or drip/],
    ['no time', ['jwk', { delay: 0 }], /`delay` must be a number of seconds/],
    ['never', ['jwk', 'hang', { times: 0 }], /`times` must be/],
    ['a misspelt option', ['jwk', 'hang', { time: 1 }], /no option `time`/],
  ])('%s', (_title, given, message) => {
    const add = () => Reflect.apply(mock.addFault, undefined, given)
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
  })
})
