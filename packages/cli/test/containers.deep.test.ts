import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksOf } from '../../../test/docs/blocks.js'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { rawRequest } from '../../mock/test/raw-request.js'
import { READ, serve, start } from './cli.js'

const GUIDE = blocksOf('docs/other-stacks.md').map(({ code }) => code)
const codeWith = (text: string) => GUIDE.find((code) => code.startsWith(text)) ?? expect.unreachable(text)
const { maskinporten, api } = parse(codeWith('services:')).services

const port = await freePort()
const [, , command, ...args]: readonly string[] = maskinporten.command
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

it('the API in the guide’s compose file accepts a token from the mock in that file', async () => {
  const { MASKINPORTEN_ISSUER: issuer, MASKINPORTEN_JWKS_URI: jwksUri } = api.environment
  expect([command, mock.found]).toEqual(['portvakt', issuer])
  const headers = { 'content-type': 'application/json' }
  const body = codeWith('{ "options"')
  const answer = await inNetwork(`${issuer}portvakt/tokens`, { method: 'POST', headers, body })
  const validator = createMaskinportenValidator({ issuer, jwksUri, insecureHttp: true, fetch: inNetwork })
  const token = await validator.verify(await answer.json(), READ)
  expect(token.consumer.organisationNumber).toBe('889640782')
})

it('the health check in the guide’s compose file passes on loopback', async () => {
  const url = new URL(maskinporten.healthcheck.test.at(-1))
  expect(url.port).toBe('8089')
  url.port = String(port)
  expect((await fetch(url)).status).toBe(200)
})

it.each(['SIGTERM', 'SIGINT'] as const)(
  '`serve` exits with 0 at %s, even with an open connection',
  async (signal) => {
    const served = await serve()
    // This request leaves its connection open.
    await (await fetch(`${served.found}jwk`)).text()
    expect(await served.stop(signal)).toBe(0)
  },
)
