import { beforeEach, expect, test } from 'vitest'
import { HOSTILE_FETCHES } from '../../../test/contract/security/hostile-fetch.js'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import type { Fetch } from '../src/index.js'
import { createKit, errorOf, type Kit, SCOPE } from './kit.js'

let kit: Kit
let scanner: LeakScanner
beforeEach(async () => {
  kit = await createKit()
  scanner = new LeakScanner()
})

/**
 * Checks that the error of an exchange shows no token. `fetch` answers the exchange. It gets two arguments:
 * the Authorization header with Maskinporten's token, and the token that Altinn would send.
 */
const exchangeWith = async (fetch: (...tokens: readonly string[]) => ReturnType<Fetch>) => {
  const { answer } = kit
  kit.answer = async (input, init) => {
    if (String(input).startsWith(kit.mock.issuer)) return answer(input, init)
    scanner.guard(new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '')
    const exchanged = await (await answer(input, init)).text()
    scanner.guard(exchanged)
    return fetch(new Headers(init?.headers).get('authorization') ?? '', exchanged)
  }
  const error = await errorOf(kit.client({ totalTimeout: 0.1 }).getToken({ scope: SCOPE, altinn: true }))
  expect(error.server).toBe('altinn')
  expect(scanner.findIn(everythingShownOf(error))).toEqual([])
}
const problem = (members: object) => Response.json({ status: 401, ...members }, { status: 401 })

test.each<[string, (all: string, exchanged: string) => Response]>([
  ['a page', (all) => new Response(`<p>${all}`)],
  ['a token response', (_all, exchanged) => Response.json({ access_token: exchanged })],
  ['a token and a second header', (_all, exchanged) => new Response(`${exchanged}\r\nX-Injected: 1`)],
  ['a token of four parts', (_all, exchanged) => new Response(`${exchanged}.x`)],
  ['a token with other claims', (_all, exchanged) => new Response(exchanged.replace('.', '.x'))],
  ['a problem document', (all) => problem({ title: all, detail: all, traceId: `00-${all}` })],
  ['a 400', (all) => new Response(all, { status: 400, statusText: 'x' })],
  ['a 503', (all) => new Response(all, { status: 503, headers: { 'retry-after': all } })],
  ['a redirect', (all) => new Response(null, { status: 302, headers: { location: `https://x.no/?${all}` } })],
])('the error of an exchange repeats no token from an answer that is %s', (_title, answer) =>
  exchangeWith(async (...tokens) => answer(tokens.join(' '), tokens[1] ?? '')),
)

test.each(HOSTILE_FETCHES)(
  'the error of an exchange shows no token when `fetch` fails with %s',
  (_title, fetch) =>
    exchangeWith((...tokens) =>
      fetch('https://api.example.no/', { headers: { authorization: tokens.join(' ') } }),
    ),
)
