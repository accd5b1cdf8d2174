import { createMaskinportenValidator } from '@portvakt/core'
import { authorizationValues } from '@portvakt/core/adapter'
import { afterAll, expect, it } from 'vitest'
import { serve } from '../../../test/contract/conformance/host.js'
import { portvakt, serve as serveMock } from './cli.js'

const SCOPE = 'nav:x.read'
const mock = await serveMock()
const validator = createMaskinportenValidator({ issuer: mock.found })
/** An API whose guard covers every address. The path of a request is the status for an accepted token. */
const api = await serve(async (request, response) => {
  const decision = await validator.decide(authorizationValues(request), SCOPE)
  if (decision.allowed) return void response.writeHead(Number(request.url?.slice(1, 4))).end()
  response.writeHead(decision.denial.status, decision.denial.headers).end(decision.denial.body)
})
afterAll(() => Promise.all([api.close(), mock.stop()]))

const check = (url: string, ...more: string[]) =>
  portvakt(['check', url, '--scope', SCOPE, ...more], { PORTVAKT_MOCK_URL: mock.found })

it.each([404, 405])('`check` warns that the route may not exist if a good token gets %i', async (status) => {
  for (const more of [[], ['--json']]) {
    const ended = await check(`http://127.0.0.1:${api.port}/${status}`, ...more)
    const stderr = expect.stringContaining(
      `warning: the good token got ${status}, so the route may not exist`,
    )
    expect(ended).toMatchObject({ code: 0, stderr })
  }
})

it('`check` does not warn if a good token gets 200', async () => {
  const ended = await check(`http://127.0.0.1:${api.port}/200`)
  expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') })
})

const TLS = /^portvakt: No API answers at https:\S+ \((?:ERR_SSL_\w+|EPROTO)\): .*check port and scheme.*\n$/
it.each([
  ['https in place of http', `https://127.0.0.1:${api.port}/`, TLS],
  ['a port that fetch blocks', 'http://127.0.0.1:6000/', /^portvakt: No request .* blocks some ports.*\n$/],
])('`check` sends no tokens and prints one line with the cause for %s', async (_title, url, message) => {
  const ended = await check(url)
  expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(message) })
})
