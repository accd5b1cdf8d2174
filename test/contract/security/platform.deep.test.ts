import { describe, expect, test } from 'vitest'
import { authorization } from '../conformance/case.js'
import { HOSTS } from '../conformance/hosts.js'
import { serveHost } from './arena.js'
import { Forge } from './forge.js'
import { prepare } from './stage.js'

const forge = new Forge()
const FORGED = forge.forged()
const usual = await prepare(forge)

/** Requests that Node's parser refuses before a framework sees them: with 400, or with 431 for their size. */
const UNREADABLE: readonly (readonly [title: string, value: (token: string) => string, status: number])[] = [
  ['H05 a NUL in the token', (token) => `Bearer ${token}\0`, 400],
  ['H05 an escape in the token', (token) => `Bearer ${token}\x1b[2J`, 400],
  ['H05 a carriage return in the token', (token) => `Bearer ${token}\rX: 1`, 400],
  ['H05 a folded header', (token) => `Bearer\r\n ${token}`, 400],
  ['H05 a token on a folded line', (token) => `\r\n Bearer ${token}`, 400],
  ['D01 a token of 17 KB', () => `Bearer ${'A'.repeat(17_000)}`, 431],
]

/**
 * Forms of a guarded path that a router and a guard could read differently. In other libraries, such a form
 * ran the route without its guard: CVE-2025-69211, CVE-2026-2293, CVE-2026-2880, CVE-2026-33808,
 * CVE-2026-112362 and CVE-2026-112712.
 */
const TARGETS = [
  ...['//read', '/read/', '/read//', '/./read', '/x/../read', '/read/.', '/read/..', '/read/../read'],
  ...['/%72ead', '/%2572ead', '/read%20', '/read%2f', '/read%5c', '/read%00', '/read%0a', '/read%23'],
  ...['/read%3f', '/read.json', '/read\\', '\\read', '/\\read', '/read?', '/read??', '/read#', '/read#x'],
  ...['/read;x=1', '/read;/../open', '/open;/read', '/open/../read', '/open%2f..%2fread', '/READ', '/Read'],
  ...['http://localhost/read', 'http://localhost//read', 'http://evil.example/read', '/read/x', 'read', '*'],
  ...['https://localhost/read', '//localhost/read', '//evil.example/read', '/router//read', '/ROUTER/read'],
  ...['/router/read/', '/router/./read', '/router%2fread', '/router/%72ead', '/mounted//read'],
  ...['/mounted/../read', '/mounted%2fread', '/write/', '//write', '/audience/', '/nested;', '/read\xe9'],
  ...['/réad', `/read?${'a=1&'.repeat(2000)}`, '/rea%64', '/read%09', '/read%3b', '/read;', '/router;x/read'],
  ...['/router/../read', '//mounted/read', '/mounted/%2e/read'],
]

describe.each(HOSTS)('Node’s HTTP parser and the router of $name', (host) => {
  const send = serveHost(host, forge, usual)

  test.each(UNREADABLE)('%s is refused by Node’s parser', async (_title, value, status) => {
    const headers = authorization(value(forge.token()))
    const outcome = await send({ headers })
    expect(outcome).toMatchObject({ handled: 0, reported: [], fetches: 0, outbound: [] })
    expect(outcome.answer.status).toBe(status)
    expect(outcome.answer.text).not.toContain(forge.parts()[2].slice(0, 12))
  })

  test.each(TARGETS)('H09 a request for %s without a valid token runs no handler', async (target) => {
    const attempts = ['GET', 'HEAD', 'POST', 'OPTIONS'].map((method) => [method, authorization()] as const)
    for (const [method, headers] of [...attempts, ['GET', authorization(`Bearer ${FORGED}`)] as const]) {
      const { answer, handled, reported, outbound } = await send({ method, target, headers })
      // The framework answers unknown targets itself. If a request reached the guard, the guard must have
      // answered 401.
      expect({ method, handled, outbound }).toEqual({ method, handled: 0, outbound: [] })
      expect(answer.status).not.toBe(500)
      if (answer.status === 200 && method === 'GET') expect(answer.body).toBe('{"open":true}')
      if (reported.length > 0) expect(answer.status).toBe(401)
    }
  })

  test.each(['TRACE', 'PROPFIND', 'QUERY', 'LOCK', 'REPORT'])(
    'H09 a %s request without a token runs no handler',
    async (method) => {
      for (const target of ['/read', '/router/read', '/mounted/read']) {
        const outcome = await send({ method, target })
        expect(outcome).toMatchObject({ handled: 0, outbound: [] })
      }
    },
  )

  test('H09 a HEAD request with a forged token is refused without a body', async () => {
    const { answer, handled } = await send({ method: 'HEAD', headers: authorization(`Bearer ${FORGED}`) })
    expect({ status: answer.status, handled }).toEqual({ status: 401, handled: 0 })
    expect(answer.text).toMatch(/^www-authenticate: Bearer realm="maskinporten", error="invalid_token"\r$/im)
    expect(answer.text).toMatch(/\r\n\r\n$/)
  })
})
