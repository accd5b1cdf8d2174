import { readFileSync } from 'node:fs'
import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { rawRequest } from '../../mock/test/raw-request.js'
import { READ, serve, start } from './cli.js'

const GUIDE = readFileSync(new URL('../../../docs/other-stacks.md', import.meta.url), 'utf8')
const { services } = parse(/^```yaml\n(services:[\s\S]*?)^```$/m.exec(GUIDE)?.[1] ?? '')

const port = await freePort()
const [, , command, ...args]: readonly string[] = services.maskinporten.command
const mock = await start([...args, '--port', String(port)], /^Maskinporten \(mock\) (\S+)/)
afterAll(() => mock.stop())

/** A `fetch` in a network where the container's name resolves to the mock. */
const inNetwork = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
  const { host, pathname } = new URL(input instanceof Request ? input.url : input)
  const { method = 'GET', body } = init
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host }
  const options = { method, headers }
  const answer = await rawRequest(`http://127.0.0.1:${port}${pathname}`, options, String(body ?? ''))
  return new Response(answer.text, { status: answer.status })
}

const issuer: string = services.api.environment.MASKINPORTEN_ISSUER

it('the mock in the compose file announces the address that the other containers use', async () => {
  const metadata = await (await inNetwork(`${issuer}.well-known/oauth-authorization-server`)).json()
  expect([command, mock.found]).toEqual(['portvakt', issuer])
  expect(metadata).toMatchObject({ issuer, jwks_uri: `${issuer}jwk`, token_endpoint: `${issuer}token` })
  expect(services.api.environment.MASKINPORTEN_JWKS_URI).toBe(metadata.jwks_uri)
})

it('the API in the compose file accepts a token from the mock in that file', async () => {
  const answer = await inNetwork(`${issuer}portvakt/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: /^```json\n(\{ "options"[\s\S]*?)^```$/m.exec(GUIDE)?.[1] ?? '',
  })
  const jwksUri: string = services.api.environment.MASKINPORTEN_JWKS_URI
  const validator = createMaskinportenValidator({ issuer, jwksUri, insecureHttp: true, fetch: inNetwork })
  const token = await validator.verify(await answer.json(), READ)
  expect(token.consumer.organisationNumber).toBe('889640782')
})

it.each(['SIGTERM', 'SIGINT'] as const)(
  '`serve` handles %s, and exits with 0 even while a connection is open',
  async (signal) => {
    const served = await serve()
    // This request leaves its connection open.
    await (await fetch(`${served.found}jwk`)).text()
    expect(await served.stop(signal)).toBe(0)
  },
)

it('the compose file’s health check passes on loopback', async () => {
  const url = new URL(services.maskinporten.healthcheck.test.at(-1))
  expect(url.port).toBe('8089')
  url.port = String(port)
  expect((await fetch(url)).status).toBe(200)
})
