import { gzipSync } from 'node:zlib'
import { createMaskinportenValidator, type UpstreamFailure } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { NOW } from '../security/forge.js'
import { reasonFor } from '../security/verdicts.js'
import { type Behaviour, createKeyEndpoint, json, type KeyEndpoint } from './key-endpoint.js'
import { forge, until } from './world.js'

const KEYS = { keys: [forge.known.jwk] }
const SET = JSON.stringify(KEYS)
let endpoint: KeyEndpoint
beforeEach(async () => {
  endpoint = await createKeyEndpoint(KEYS)
})
afterEach(() => endpoint.close())

const status =
  (code: number, headers: Record<string, string> = {}, body = SET): Behaviour =>
  (response) =>
    response.writeHead(code, headers).end(code === 204 || code === 304 ? undefined : body)

const text =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(200, headers).end(body)

/** Writes the chunk again and again, as long as the client reads. */
const endless =
  (chunk: Buffer, headers: Record<string, string> = {}): Behaviour =>
  (response) => {
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.writeHead(200, headers).on('drain', write)
    write()
  }

const drip: Behaviour = (response) => {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 2)
  response.on('close', () => clearInterval(timer))
}

const to = (location: () => string, code: number): Behaviour => {
  return (response, request) => {
    if (request.url === '/moved') json(KEYS)(response, request)
    else response.writeHead(code, { location: location() }).end()
  }
}

/** Ends the connection in the middle of the body. */
const endEarly: Behaviour = (response, request) => {
  response.writeHead(200, { 'content-length': '5000' }).write('{"keys":[')
  setImmediate(() => request.socket.destroy())
}

const MEGABYTE = Buffer.alloc(1024 * 1024, ' ')
const LONG = { 'content-length': `${200 * MEGABYTE.length}` }
const GZIP = { 'content-encoding': 'gzip' }
const TWICE = { 'content-encoding': 'gzip, gzip' }
const bomb = (megabytes: number) => gzipSync(Buffer.alloc(megabytes * MEGABYTE.length, ' '), { level: 1 })
const REPEATED = `${SET.slice(0, -1)},"keys":[]}`
const NOT_UTF8 = Buffer.from(`{"x":"\xff",${SET.slice(1)}`, 'latin1')

/** Failures of the key endpoint, with the reason that `health()` reports. */
const FAULTS: readonly (readonly [title: string, reason: UpstreamFailure, behaviour: Behaviour])[] = [
  ['J05 no answer', 'timeout', () => undefined],
  ['J05 headers and no body', 'timeout', (response) => response.writeHead(200).flushHeaders()],
  ['J05 a body that arrives slowly', 'timeout', drip],
  ['J05 half a body', 'timeout', (response) => void response.writeHead(200).write('{"keys":[')],
  ['J05 a reset connection', 'unreachable', (_response, request) => request.socket.destroy()],
  ['J05 a connection that ends within the body', 'unreachable', endEarly],
  ['J06 an endless body', 'too_large', endless(MEGABYTE)],
  ['J06 a body with a content-length of 200 MB', 'too_large', endless(MEGABYTE, LONG)],
  ['J06 a gzip bomb', 'too_large', text(bomb(32), GZIP)],
  ['J06 a gzip bomb within a gzip bomb', 'too_large', text(gzipSync(bomb(128)), TWICE)],
  ['J06 invalid compression', 'unreachable', text('{"keys":[]}', GZIP)],
  ['J06 a valid set after 64 KiB of spaces', 'too_large', text(`${' '.repeat(65_537)}${SET}`)],
  ...[301, 302, 303, 307, 308].map(
    (code) => [`J07 ${code} to valid keys`, 'redirected', to(() => '/moved', code)] as const,
  ),
  ['J07 302 to another host', 'redirected', to(() => 'http://127.0.0.2:1/', 302)],
  ['J07 302 to a file', 'redirected', to(() => 'file:///etc/passwd', 302)],
  ['J07 304', 'redirected', status(304)],
  // The standard fetch rejects a 407 response as a network error.
  ['J09 407', 'unreachable', status(407)],
  ...[204, 206, 401, 403, 404, 418, 500, 502, 503].map(
    (code) => [`J07 ${code} with valid keys`, 'bad_status', status(code)] as const,
  ),
  ['J07 429 with a Retry-After of an hour', 'bad_status', status(429, { 'retry-after': '3600' })],
  ['J08 a web page', 'not_json', text('<html>log in</html>', { 'content-type': 'text/html' })],
  ['J08 an empty body', 'not_json', text('')],
  ['J08 half of a set', 'not_json', text(SET.slice(0, -5))],
  ['J08 a set after two byte order marks', 'not_json', text(`\ufeff\ufeff${SET}`)],
  ['J08 a set in UTF-16', 'not_json', text(Buffer.from(`\ufeff${SET}`, 'utf16le'))],
  ['J08 a set in invalid UTF-8', 'not_json', text(NOT_UTF8)],
  ['J08 JSON with 30,000 levels', 'no_usable_key', text(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
  ['J08 an empty set', 'no_usable_key', json({ keys: [] })],
  ['J08 null', 'no_usable_key', json(null)],
  ['J08 metadata in place of keys', 'no_usable_key', json({ issuer: 'x', jwks_uri: 'y' })],
  ['J08 a repeated `keys` member, of which the last is empty,', 'no_usable_key', text(REPEATED)],
]

function validatorAt({ issuer }: KeyEndpoint) {
  const clock = createTestClock(NOW * 1000)
  const validator = createMaskinportenValidator({ issuer, clock, random: () => 0.5 })
  const good = forge.token({ iss: issuer, exp: NOW + 86_000 })
  const unknown = forge.token({ iss: issuer, exp: NOW + 86_000 }, { kid: 'invented' })
  const present = (token: string) => reasonFor(`Bearer ${token}`, { validator })
  return { clock, validator, good, unknown, present }
}

it('a key with null members is used, even if its key set begins with a byte order mark', async () => {
  const key = { ...forge.known.jwk, alg: null, use: null, key_ops: null, d: null }
  endpoint.behave(text(`\ufeff${JSON.stringify({ keys: [key] })}`))
  const { good, unknown, present } = validatorAt(endpoint)
  expect([await present(good), await present(unknown)]).toEqual(['allowed', 'unknown_key'])
})

it.each<[string, Behaviour]>([
  ['a reset', (_response, request) => request.socket.destroy()],
  ['a 502', status(502)],
])(
  'J04 if fetches for an unknown kid fail with %s, retries follow after 1, 2 and 4 s, not after the cooldown',
  async (_title, fault) => {
    const { clock, validator, good, unknown, present } = validatorAt(endpoint)
    expect(await present(good)).toBe('allowed')
    const { bystander } = forge
    const token = forge.signedBy(bystander, { iss: endpoint.issuer, exp: NOW + 86_000 })
    endpoint.behave(fault)
    for (const [attempt, pause] of [1, 2, 4].entries()) {
      const denial = { reason: 'keys_unavailable', headers: { 'retry-after': String(pause) } }
      expect(await validator.decide(`Bearer ${token}`, READ)).toMatchObject({ allowed: false, denial })
      clock.advance(pause - 0.001)
      expect(await present(token)).toBe('keys_unavailable')
      expect(endpoint.counts.requests).toBe(attempt + 2)
      if (attempt === 2) endpoint.behave(json({ keys: [bystander.jwk, ...KEYS.keys] }))
      clock.advance(0.001)
    }
    expect(await present(token)).toBe('allowed')
    // The failed attempts did not start the cooldown. The successful attempt did, so this unknown kid causes
    // no request.
    expect(await present(unknown)).toBe('unknown_key')
    expect(endpoint.counts.requests).toBe(5)
  },
)

test.each(FAULTS)(
  '%s: known keys stay in use, `health()` reports the reason, and keys are refreshed a minute after the fault at the latest',
  async (_title, reason, behaviour) => {
    const { clock, validator, good, unknown, present } = validatorAt(endpoint)
    expect(await present(good)).toBe('allowed')
    endpoint.behave(behaviour)
    clock.advance(601)
    expect(await present(good)).toBe('allowed')
    await until(() => endpoint.counts.requests === 2)
    if (reason === 'timeout') clock.advance(5)
    await until(() => validator.health().lastFailure !== undefined)
    expect(validator.health()).toMatchObject({ usable: true, keys: 1, lastFailure: { reason } })
    expect(await present(good)).toBe('allowed')

    // While the endpoint fails, the validator cannot know that the key does not exist, so it does not answer
    // `unknown_key`.
    const asked = present(unknown)
    await until(() => endpoint.counts.requests === 3)
    if (reason === 'timeout') clock.advance(5)
    expect(await asked).toBe('keys_unavailable')
    // A redirect that is followed would be another request.
    expect(endpoint.counts.requests).toBe(3)

    endpoint.behave(json(KEYS))
    clock.advance(60)
    expect(await present(good)).toBe('allowed')
    await until(() => validator.health().keyAge === 0)
    expect(validator.health().lastFailure).toBeUndefined()
  },
)

test('J05 keys stay in use while connections are refused, and are refreshed within a minute afterwards', async () => {
  const { clock, validator, good, present } = validatorAt(endpoint)
  expect(await present(good)).toBe('allowed')
  await endpoint.listen(false)
  clock.advance(601)
  expect(await present(good)).toBe('allowed')
  await until(() => validator.health().lastFailure !== undefined)
  expect(validator.health()).toMatchObject({ usable: true, lastFailure: { reason: 'unreachable' } })
  await endpoint.listen(true)
  clock.advance(60)
  expect(await present(good)).toBe('allowed')
  await until(() => validator.health().keyAge === 0)
})

test('J06 the validator stops reading an endless body of the key endpoint', async () => {
  const { validator, good, present } = validatorAt(endpoint)
  endpoint.behave(endless(MEGABYTE))
  expect(await present(good)).toBe('keys_unavailable')
  expect(validator.health().lastFailure?.reason).toBe('too_large')
  await until(() => endpoint.counts.bytesWritten > 0)
  // `bytesWritten` also counts bytes in the socket buffers, which the validator never read.
  expect(endpoint.counts.bytesWritten).toBeLessThan(16 * MEGABYTE.length)
})

test('J14 1,000 concurrent requests at a cold start fetch metadata once and keys once', async () => {
  const { good, present } = validatorAt(endpoint)
  const verdicts = await Promise.all(Array.from({ length: 1000 }, () => present(good)))
  expect(new Set(verdicts)).toEqual(new Set(['allowed']))
  expect(endpoint.counts).toMatchObject({ metadataRequests: 1, requests: 1 })
})
