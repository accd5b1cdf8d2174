import { gzipSync } from 'node:zlib'
import { createMaskinportenValidator, type UpstreamFailure } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(code, headers).end(code === 204 || code === 304 ? undefined : SET)

const text =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(200, headers).end(body)

const MEGABYTE = Buffer.alloc(1024 * 1024, ' ')

/** Writes as long as the client reads. */
const endless: Behaviour = (response) => {
  const write = () => {
    while (!response.destroyed && response.write(MEGABYTE));
  }
  response.writeHead(200).on('drain', write)
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

const GZIP = { 'content-encoding': 'gzip' }
const BOMB = gzipSync(Buffer.alloc(32 * MEGABYTE.length, ' '), { level: 1 })
const REPEATED = `${SET.slice(0, -1)},"keys":[]}`
const NOT_UTF8 = Buffer.from(`{"x":"\xff",${SET.slice(1)}`, 'latin1')

/** Failures of the key endpoint, with the reason that `health()` reports. */
const FAULTS: readonly (readonly [title: string, reason: UpstreamFailure, behaviour: Behaviour])[] = [
  ['J05 no answer', 'timeout', () => undefined],
  ['J05 a body that arrives slowly', 'timeout', drip],
  ['J05 a reset connection', 'unreachable', (_response, request) => request.socket.destroy()],
  ['J05 a connection that ends within the body', 'unreachable', endEarly],
  ['J06 an endless body', 'too_large', endless],
  ['J06 a gzip bomb', 'too_large', text(BOMB, GZIP)],
  ['J06 invalid compression', 'unreachable', text('{"keys":[]}', GZIP)],
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
  ['J08 half of a set', 'not_json', text(SET.slice(0, -5))],
  ['J08 a set in invalid UTF-8', 'not_json', text(NOT_UTF8)],
  ['J08 JSON with 30,000 levels', 'no_usable_key', text(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
  ['J08 an empty set', 'no_usable_key', json({ keys: [] })],
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

test('J14 1,000 concurrent requests at a cold start fetch metadata once and keys once', async () => {
  const { good, present } = validatorAt(endpoint)
  const verdicts = await Promise.all(Array.from({ length: 1000 }, () => present(good)))
  expect(new Set(verdicts)).toEqual(new Set(['allowed']))
  expect(endpoint.counts).toMatchObject({ metadataRequests: 1, requests: 1 })
})
