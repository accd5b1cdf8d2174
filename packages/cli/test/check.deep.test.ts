import { createMaskinportenValidator } from '@portvakt/core'
import { authorizationValues } from '@portvakt/core/adapter'
import { afterAll, expect, it } from 'vitest'
import { serve } from '../../../test/contract/conformance/host.js'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { portvakt, serve as serveMock } from './cli.js'

const SCOPE = 'nav:x.read'
const SECRET = 'hush'
const mock = await serveMock()
const validator = createMaskinportenValidator({ issuer: mock.found })
/** An API whose guard covers every address. The path of a request is the status for an accepted token. */
const api = await serve(async (request, response) => {
  const decision = await validator.decide(authorizationValues(request), SCOPE)
  if (decision.allowed) return void response.writeHead(Number(request.url?.slice(1, 4))).end()
  response.writeHead(decision.denial.status, decision.denial.headers).end(decision.denial.body)
})
afterAll(() => Promise.all([api.close(), mock.stop()]))
const at = (path: string) => `http://127.0.0.1:${api.port}/${path}`

const check = (url: string, options: readonly string[] = [], scope = SCOPE) =>
  portvakt(['check', url, '--scope', scope, ...options], { PORTVAKT_MOCK_URL: mock.found })

it('`check` reports each response of an API, and exits with 1 if a response is wrong', async () => {
  const right = await check(at('200'))
  const stdout = expect.stringMatching(/✓ expired: 401[\s\S]*answers are right/)
  expect(right).toMatchObject({ code: 0, stdout, stderr: expect.not.stringContaining('warning') })
  const wrong = await check(at('200'), ['--json'], 'nav:other')
  const good = JSON.parse(wrong.stdout).cases.find((one: { name: string }) => one.name === 'good-token')
  expect([wrong.code, good]).toMatchObject([1, { passed: false, status: 403 }])
})

it.each([404, 405])('`check` warns that the route may not exist if a good token gets %i', async (status) => {
  for (const more of [[], ['--json']]) {
    const ended = await check(at(`${status}`), more)
    const stderr = expect.stringContaining(
      `warning: the good token got ${status}, so the route may not exist`,
    )
    expect(ended).toMatchObject({ code: 0, stderr })
  }
})

const TLS = /^portvakt: No API answers at https:\S+ \((?:ERR_SSL_\w+|EPROTO)\): .*check port and scheme.*\n$/
const REFUSED = /^portvakt: No API answers at \S+ \(ECONNREFUSED\): nothing listens.*\n$/
it.each([
  ['https in place of http', at('').replace('http', 'https'), TLS],
  ['a port that fetch blocks', 'http://127.0.0.1:6000/', /^portvakt: No request .* blocks some ports.*\n$/],
  ['a port where nothing listens', `http://127.0.0.1:${await freePort()}/vedtak`, REFUSED],
])('`check` sends no tokens and prints one line with the cause for %s', async (_title, url, message) => {
  const stderr = expect.stringMatching(message)
  expect(await check(url, ['--json'])).toEqual({ code: 1, stdout: '', stderr })
})

it.each([
  ['ftp://127.0.0.1/', [], /^portvakt: The address of the API must be/],
  [at(''), ['--method', 'G T'], /^portvakt: --method must be/],
  [at(''), ['--header', `a: b\n${SECRET}`], /^portvakt: --header must be `name: value`/],
  [at(''), ['--header', 'foo'], /^portvakt: --header must be `name: value`/],
  [at(''), ['--header', `authorization: ${SECRET}`], /^portvakt: --header must not be Authorization/],
  [at(''), ['--consumer', 'xyz'], /^portvakt: --consumer must be nine digits/],
  [at(''), ['--body', SECRET], /^portvakt: --body cannot be sent with GET/],
])('`check` of %s with the options %j exits with 2 and sends nothing', async (url, options, message) => {
  const ended = await check(url, options)
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  expect(ended.stderr).not.toContain(SECRET)
})
