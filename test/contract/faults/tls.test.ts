import { createServer } from 'node:https'
import { createMaskinportenClient, MaskinportenClientError } from '@portvakt/client'
import { createMaskinportenValidator, type DecisionEvent, type Fetch } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { generate } from 'selfsigned'
import { Agent, fetch as undiciFetch } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { running } from '../conformance/host.js'
import { NOW } from '../security/forge.js'
import { forge } from './world.js'

const KEYS = JSON.stringify({ keys: [forge.known.jwk] })

/** A self-signed certificate for 127.0.0.1, with its private key. */
const identity = (options: Parameters<typeof generate>[1] = {}) =>
  generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    keySize: 2048,
    ...options,
  })
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const good = await identity()
const expired = await identity({ notBeforeDate: daysAgo(2), notAfterDate: daysAgo(1) })

/** Returns undici's `fetch` with these connection options. */
const connecting = (connect: object): Fetch => {
  const dispatcher = new Agent({ connect })
  // Casts, because undici declares its own types for Request and Response.
  return (url, init) => undiciFetch(url, { ...init, dispatcher } as never) as unknown as Promise<Response>
}

/** Serves the keys over TLS 1.2, and counts the requests. */
async function serve({ cert, private: key } = good) {
  let asked = 0
  const server = createServer({ cert, key, maxVersion: 'TLSv1.2' }, (_request, response) => {
    asked++
    response.end(KEYS)
  })
  const { port, close } = await running(server)
  onTestFinished(close)
  return { port, asked: () => asked }
}

function lookup(name: string, _options: object, done: (error: Error) => void) {
  done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
}
const OTHER_NAME = { ca: good.cert, servername: 'maskinporten.no' }
const NEWER_TLS = { ca: good.cert, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }

const CASES: readonly (readonly [title: string, code: RegExp, hint: RegExp, connect: object])[] = [
  ['J09 a self-signed certificate', /^DEPTH_ZERO_SELF_SIGNED_CERT$/, /NODE_EXTRA_CA_CERTS/, {}],
  ['J09 an expired certificate', /^CERT_HAS_EXPIRED$/, /clock of this machine/, { ca: expired.cert }],
  ['J09 a certificate for another host', /^ERR_TLS_CERT_ALTNAME_INVALID$/, /another host name/, OTHER_NAME],
  ['J09 a server with only an older version of TLS', /^ERR_SSL_/, /no version of TLS/, NEWER_TLS],
  ['J09 an unknown host name', /^ENOTFOUND$/, /not in DNS/, { lookup }],
]

/** A validator of this issuer with a test clock, its events, and a valid token. */
function validatorOf(issuer: string, fetch?: Fetch) {
  const clock = createTestClock(NOW * 1000)
  const events: DecisionEvent[] = []
  const validator = createMaskinportenValidator({
    issuer,
    jwksUri: `${issuer}jwk`,
    clock,
    onDecision: (event) => void events.push(event),
    ...(fetch && { fetch }),
  })
  return { clock, events, validator, token: forge.token({ iss: issuer, exp: NOW + 3600 }) }
}

test('a private CA is trusted by the function in the option `fetch`, but not by the global `fetch`', async () => {
  const { port } = await serve()
  const issuer = `https://127.0.0.1:${port}/`
  const { token, validator: byGlobal } = validatorOf(issuer)
  await expect(byGlobal.verify(token, READ)).rejects.toMatchObject({ reason: 'keys_unavailable' })
  expect(byGlobal.health().lastFailure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const { validator: byOption } = validatorOf(issuer, connecting({ ca: good.cert }))
  await expect(byOption.verify(token, READ)).resolves.toMatchObject({ issuer })
})

test.each(CASES)(
  '%s is reported by health, events and client errors with the code %s and a matching hint',
  async (title, codePattern, hintPattern, connect) => {
    const { port, asked } = await serve(title.includes('expired') ? expired : good)
    // A case about a host name needs a name in the URL, because an IP address is not looked up.
    const issuer = `https://${title.includes('name') ? 'localhost' : '127.0.0.1'}:${port}/`
    const fetch = connecting(connect)
    const code = expect.stringMatching(codePattern)
    const fix = expect.stringMatching(hintPattern)
    const { clock, events, validator, token } = validatorOf(issuer, fetch)
    await validator.decide(`Bearer ${token}`, READ)
    expect(events).toMatchObject([{ reason: 'keys_unavailable', upstreamFailureCode: code, hint: { fix } }])
    expect(validator.health().lastFailure).toMatchObject({ code, message: fix })
    const client = createMaskinportenClient({
      issuer,
      tokenEndpoint: `${issuer}token`,
      clientId: 'a-client',
      key: { sign: () => new Uint8Array(256), keyId: 'kid' },
      fetch: fetch as typeof globalThis.fetch,
      clock,
      totalTimeout: 0.1,
    })
    const error = await client.getToken({ scope: READ }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MaskinportenClientError)
    expect(error).toMatchObject({ code: 'unavailable', hint: { fix }, cause: { code } })
    expect(asked()).toBe(0)
  },
)
