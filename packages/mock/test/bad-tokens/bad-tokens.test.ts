import { createMaskinportenValidator } from '@portvakt/core'
import { expect, it } from 'vitest'
import { BAD_TOKENS, type BadToken, createMockMaskinporten, createTestClock } from '../../src/index.js'
import { typeError } from '../type-error.js'

const GOOD = { scope: 'nav:x.read', consumer: '991825827', audience: 'https://api.example/' }
const clock = createTestClock()
const mock = await createMockMaskinporten({ clock })
let askedElsewhere = 0
const validator = createMaskinportenValidator({
  issuer: mock.issuer,
  clock,
  fetch: (url, init) => {
    if (!String(url).startsWith(mock.issuer)) askedElsewhere++
    return mock.fetch(url, init)
  },
})

const decide = (token: string, onlyWith?: BadToken['onlyWith']) =>
  validator.decide(`Bearer ${token}`, {
    scope: GOOD.scope,
    ...(onlyWith === 'audience' && { audience: GOOD.audience }),
    ...(onlyWith === 'consumers' && { consumers: [GOOD.consumer] }),
  })

it.each(BAD_TOKENS)(
  'a validator refuses the bad token $name ($meaning) with $status $reason, and calls no other server',
  async ({ name, status, reason, onlyWith }) => {
    const decision = await decide(await mock.badToken(name, GOOD), onlyWith)
    expect(decision).toMatchObject({ allowed: false, denial: { status, reason } })
    expect(askedElsewhere).toBe(0)
  },
)

it.each(BAD_TOKENS.filter(({ onlyWith }) => onlyWith))(
  'a validator that does not check $onlyWith accepts the bad token $name',
  async ({ name }) => {
    expect((await decide(await mock.badToken(name, GOOD))).allowed).toBe(true)
    expect(askedElsewhere).toBe(0)
  },
)

const LIMITS = ['audience', 'consumers'] as const
it.each(LIMITS)('a validator accepts the good token under a rule with `%s`', async (onlyWith) => {
  expect((await decide(await mock.issueToken(GOOD), onlyWith)).allowed).toBe(true)
})

it('a validator for production accepts a token from production, and refuses one from the test environment', async () => {
  const production = await createMockMaskinporten({ clock, issuer: 'https://maskinporten.no/' })
  const guard = createMaskinportenValidator({ environment: 'prod', fetch: production.fetch, clock })
  await guard.verify(await production.issueToken(GOOD), GOOD.scope)
  const token = await production.badToken('other-environment', GOOD)
  await expect(guard.verify(token, GOOD.scope)).rejects.toMatchObject({ reason: 'wrong_environment' })
})

it('BAD_TOKENS has distinct names and is frozen', () => {
  expect(new Set(BAD_TOKENS.map(({ name }) => name)).size).toBe(BAD_TOKENS.length)
  expect(() => Object.assign(BAD_TOKENS[0] ?? {}, { status: 200 })).toThrow(TypeError)
})

it.each<[string, () => Promise<string>, RegExp]>([
  ['an unknown name', () => mock.badToken('toString' as never), /no bad token "toString"/],
  ['an unknown option', () => mock.badToken('expired', { scopes: 'nav:a' } as object), /no option `scopes`/],
])('badToken refuses %s', async (_title, make, message) => {
  await expect(make()).rejects.toThrow(typeError(message))
})
