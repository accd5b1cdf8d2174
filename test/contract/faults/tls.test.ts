import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createMaskinportenClient, MaskinportenClientError } from '@portvakt/client'
import { createMaskinportenValidator, type DecisionEvent, type Fetch } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { generate } from 'selfsigned'
import { Agent, fetch as undiciFetch } from 'undici'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, NOW } from '../security/forge.js'
import { until } from './world.js'

const forge = new Forge()

/** A self-signed certificate with its private key. */
interface Identity {
  readonly cert: string
  readonly private: string
}

let good: Identity
let expired: Identity
beforeAll(async () => {
  const named = (name: string) => [{ name: 'commonName', value: name }]
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] }]
  good = await generate(named('127.0.0.1'), { extensions, keySize: 2048 })
  const notAfterDate = new Date(Date.now() - 86_400_000)
  const notBeforeDate = new Date(Date.now() - 2 * 86_400_000)
  expired = await generate(named('127.0.0.1'), { extensions, keySize: 2048, notBeforeDate, notAfterDate })
})

/** A `fetch` with these connection options. */
const connecting = (connect: object): Fetch => {
  const dispatcher = new Agent({ connect })
  // undici declares its own types for Request and Response.
  return (url, init) => undiciFetch(url, { ...init, dispatcher } as never) as unknown as Promise<Response>
}

const CASES: readonly (readonly [
  title: string,
  code: RegExp,
  served: () => Identity,
  connect: () => object,
  hint: RegExp,
])[] = [
  [
    'J09 a self-signed certificate',
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    () => good,
    () => ({}),
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'J09 an expired certificate',
    /^CERT_HAS_EXPIRED$/,
    () => expired,
    () => ({ ca: expired.cert }),
    /clock of this machine/,
  ],
  [
    'J09 a certificate for another host',
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    () => good,
    () => ({ ca: good.cert, servername: 'maskinporten.no' }),
    /another host name/,
  ],
  [
    'J09 a server with only an older version of TLS',
    /^ERR_SSL_/,
    () => good,
    () => ({ ca: good.cert, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }),
    /no version of TLS/,
  ],
  [
    'J09 an unknown host name',
    /^ENOTFOUND$/,
    () => good,
    () => ({
      lookup: (name: string, _options: object, done: (error: Error) => void) =>
        done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })),
    }),
    /not in DNS/,
  ],
]

test('a private CA is trusted by the function in the option `fetch`, but not by the global `fetch`', async () => {
  const server = createServer({ cert: good.cert, key: good.private }, (_request, response) => {
    response.end(JSON.stringify({ keys: [forge.known.jwk] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const options = { issuer, jwksUri: `${issuer}jwk`, clock: createTestClock(NOW * 1000) }
  const token = forge.token({ iss: issuer, exp: NOW + 3600 })
  const byGlobal = createMaskinportenValidator(options)
  await expect(byGlobal.verify(token, READ)).rejects.toMatchObject({ reason: 'keys_unavailable' })
  expect(byGlobal.health().lastFailure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const byOption = createMaskinportenValidator({ ...options, fetch: connecting({ ca: good.cert }) })
  await expect(byOption.verify(token, READ)).resolves.toMatchObject({ issuer })
  server.closeAllConnections()
  server.close()
})

test.each(CASES)(
  '%s keeps known keys in use, prevents new ones, and is reported by health with the code %s',
  async (title, code, served, connect) => {
    const keys = JSON.stringify({ keys: [forge.known.jwk] })
    const server = await serve(title, served(), keys)
    const { issuer } = server
    const clock = createTestClock(NOW * 1000)
    let fetch: Fetch = async () => new Response(keys)
    const validator = createMaskinportenValidator({
      issuer,
      jwksUri: `${issuer}jwk`,
      clock,
      fetch: (url, init) => fetch(url, init),
    })
    const token = forge.token({ iss: issuer, exp: NOW + 3600 })
    await validator.verify(token, READ)
    fetch = connecting(connect())
    clock.advance(700)
    await validator.verify(token, READ)
    await until(() => validator.health().lastFailure !== undefined)
    expect(validator.health()).toMatchObject({
      usable: true,
      keys: 1,
      lastFailure: { reason: 'unreachable', code: expect.stringMatching(code) },
    })
    expect(server.asked()).toBe(0)
  },
)

test.each(CASES)(
  '%s is reported by health, events and client errors with the code %s and a matching hint',
  async (title, code, served, connect, hint) => {
    const server = await serve(title, served(), '{}')
    const { issuer } = server
    const fetch = connecting(connect())
    const events: DecisionEvent[] = []
    const validator = createMaskinportenValidator({
      issuer,
      jwksUri: `${issuer}jwk`,
      clock: createTestClock(NOW * 1000),
      fetch,
      onDecision: (event) => events.push(event),
    })
    await validator.decide(`Bearer ${forge.token({ iss: issuer })}`, READ)
    expect(events[0]).toMatchObject({
      reason: 'keys_unavailable',
      upstreamFailureCode: expect.stringMatching(code),
      hint: { fix: expect.stringMatching(hint) },
    })
    expect(validator.health().lastFailure).toMatchObject({
      code: expect.stringMatching(code),
      message: expect.stringMatching(hint),
    })
    const client = createMaskinportenClient({
      issuer,
      tokenEndpoint: `${issuer}token`,
      clientId: 'a-client',
      key: { sign: () => new Uint8Array(256), keyId: 'kid' },
      fetch: fetch as typeof globalThis.fetch,
      clock: createTestClock(NOW * 1000),
      totalTimeout: 0.1,
    })
    const error = await client.getToken({ scope: READ }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MaskinportenClientError)
    expect(error).toMatchObject({
      code: 'unavailable',
      hint: { fix: expect.stringMatching(hint) },
      cause: { code: expect.stringMatching(code) },
    })
    expect(server.asked()).toBe(0)
  },
)

/** Serves a text over TLS 1.2, and counts the requests. */
async function serve(title: string, { cert, private: key }: Identity, text: string) {
  let asked = 0
  const server = createServer({ cert, key, maxVersion: 'TLSv1.2' }, (_request, response) => {
    asked++
    response.end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // A DNS lookup happens only for a name, not for an address.
  const host = title.includes('name') ? 'localhost' : '127.0.0.1'
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { issuer: `https://${host}:${port}/`, asked: () => asked }
}
