import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type Fault,
  startMockMaskinporten,
} from '../../src/index.js'
import { typeError } from '../type-error.js'

const METADATA = '.well-known/oauth-authorization-server'
const clock = createTestClock()
const mock = await createMockMaskinporten({ clock })
const served = await startMockMaskinporten()
afterEach(() => {
  mock.clearFaults()
  served.clearFaults()
})
afterAll(() => served.close())

const jwk = (init?: RequestInit) => mock.fetch(`${mock.issuer}jwk`, init)
/** Lets pending callbacks run. */
const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe.each([
  ['without a socket', mock, mock.fetch],
  ['over HTTP', served, fetch],
])('a fault %s', (place, target, fetchFrom) => {
  const get = (path: string, init?: RequestInit) => fetchFrom(target.issuer + path, init)

  it(`${place}, a fault answers with the given status, headers and body`, async () => {
    target.addFault('jwk', { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' })
    const response = await get('jwk')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await response.text()).toBe('slow down')
  })

  it(`${place}, each fault of an endpoint applies \`times\` times`, async () => {
    target.addFault('jwk', { status: 500 }, { times: 2 })
    target.addFault('jwk', { status: 502 }, { times: 1 })
    const statuses = []
    for (let request = 0; request < 4; request++) statuses.push((await get('jwk')).status)
    expect(statuses).toEqual([500, 500, 502, 200])
  })

  it(`${place}, a fault applies only to its path, until the fault is removed`, async () => {
    const end = target.addFault('/elsewhere', { status: 418 })
    target.addFault('token', { status: 503 })
    expect((await get('jwk')).status).toBe(200)
    expect((await get('token', { method: 'POST', body: new URLSearchParams() })).status).toBe(503)
    expect((await get('elsewhere?x=1')).status).toBe(418)
    end()
    expect((await get('elsewhere?x=1')).status).toBe(404)
  })

  it(`${place}, the fault \`reset\` closes the connection`, async () => {
    target.addFault('jwk', 'reset', { times: 1 })
    const error = { name: 'TypeError', message: 'fetch failed', cause: { code: 'ECONNRESET' } }
    await expect(get('jwk')).rejects.toMatchObject(error)
    expect((await get('jwk')).status).toBe(200)
  })

  it(`${place}, the fault \`hang\` never answers`, async () => {
    target.addFault('jwk', 'hang')
    const controller = new AbortController()
    const asked = get('jwk', { signal: controller.signal })
    await turns()
    controller.abort()
    await expect(asked).rejects.toThrow(/aborted/)
  })

  it(`${place}, the fault \`huge\` answers with a body of over 1 MiB`, async () => {
    target.addFault('jwk', 'huge')
    const { body } = await get('jwk')
    const reader = body?.getReader()
    let bytes = 0
    while (bytes < 1024 * 1024) bytes += (await reader?.read())?.value?.byteLength ?? 0
    await reader?.cancel()
  })
})

it('the fault `html` answers with a page', async () => {
  mock.addFault('jwk', 'html')
  const response = await jwk()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html'])
  expect(await response.text()).toMatch(/^<!doctype html>/)
})

it('the fault `empty` answers with an empty key set, and at other endpoints with an empty object', async () => {
  mock.addFault('jwk', 'empty')
  mock.addFault('metadata', 'empty')
  expect(await (await jwk()).json()).toEqual({ keys: [] })
  expect(await (await mock.fetch(mock.issuer + METADATA)).json()).toEqual({})
})

it('a fault applies to the metadata also when its path is given with a trailing slash', async () => {
  mock.addFault(`/${METADATA}/`, { status: 503 })
  expect((await mock.fetch(`${mock.issuer}${METADATA}/`)).status).toBe(503)
})

it('a delayed answer arrives after the delay, by the mock’s clock', async () => {
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

it('a dripping answer arrives byte by byte, by the mock’s clock', async () => {
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
  ['endlessly', 'huge'],
])('an answer that arrives %s is cut off when the caller aborts', async (_title, fault) => {
  mock.addFault('jwk', fault)
  const controller = new AbortController()
  const read = jwk({ signal: controller.signal }).then((response) =>
    response.text().then(({ length }) => `${length} characters`),
  )
  await turns()
  controller.abort(new Error('aborted by the caller'))
  expect(await read.catch((error: Error) => error.message)).toBe('aborted by the caller')
})

const withHeaders = { status: 500, headers: new Headers() }
it.each<[string, unknown[], RegExp]>([
  ['an unknown endpoint', ['jwks', 'hang'], /`endpoint` must be one of metadata, jwk, token/],
  ['an unknown fault', ['jwk', 'slow'], /A fault is one of hang, reset/],
  ['the status 100', ['jwk', { status: 100 }], /from 200 to 599/],
  ['an unknown member', ['jwk', { status: 500, header: {} }], /no option `header`/],
  ['an empty fault', ['jwk', {}], /status, delay or drip/],
  ['a body without a status', ['jwk', { delay: 1, body: '' }], /status, delay or drip/],
  ['headers that are a Headers object', ['jwk', withHeaders], /^`headers` takes a plain object/],
  ['two faults in one', ['jwk', { delay: 1, drip: 1 }], /status, delay or drip/],
  ['a delay of 0 s', ['jwk', { delay: 0 }], /`delay` must be a number from 0\.001 to 1000000/],
  // `setTimeout` treats more than 2^31 ms as 1 ms.
  ['a delay of 3e6 s', ['jwk', { delay: 3e6 }], /`delay` must be a number from/],
  ['a drip of 3e6 s', ['jwk', { drip: 3e6 }], /`drip` must be a number from/],
  ['a body with the status 204', ['jwk', { status: 204, body: 'x' }], /status 204 has no body/],
  ['a body that is an object', ['jwk', { status: 200, body: {} }], /`body` must be a string/],
  ['a header with a blank', ['jwk', { status: 200, headers: { 'a b': 'x' } }], /`headers` must have names/],
  ['a path with a query', ['/jwk?x', 'hang'], /or a percent-encoded path without a query/],
  ['zero times', ['jwk', 'hang', { times: 0 }], /`times` must be/],
  ['an unknown option', ['jwk', 'hang', { time: 1 }], /no option `time`/],
])('addFault refuses %s', (_title, given, message) => {
  const add = () => Reflect.apply(mock.addFault, undefined, given)
  expect(add).toThrow(typeError(message))
})
