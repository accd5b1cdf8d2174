import { inspect } from 'node:util'
import { createMockMaskinporten, createTestClock, type IssueTokenOptions } from '@portvakt/mock'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { spyOnVerifications } from '../../../../test/keys/verifications.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'
import { reasonOfAsync } from '../refusal.js'
import { clock, forgedToken, validator as made, mock, READ, readToken, useWorld } from '../validator-world.js'

useWorld()

/** Number of sequences of events that the property test tries. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300)

/** Returns a new string with the same content, as each request brings its own string. */
const fresh = (token: string) => Buffer.from(token).toString()

describe('a validator with a token cache', () => {
  const verifications = spyOnVerifications()
  beforeEach(() => void verifications.mockClear())

  it('a validator without a token cache verifies the signature of a token at each use', async () => {
    const validator = made({ tokenCache: false })
    const token = await readToken()
    for (let count = 0; count < 3; count++) await validator.verify(fresh(token), READ)
    expect(verifications).toHaveBeenCalledTimes(3)
  })

  it('a repeated token gets the same result each time; it is verified once, and read at most twice', async () => {
    const validator = made()
    const token = await readToken()
    const verify = () => validator.verify(fresh(token), READ)
    const [first, second, third] = [await verify(), await verify(), await verify()]
    expect(second).toEqual(first)
    expect(third).toBe(second)
    expect(verifications).toHaveBeenCalledTimes(1)
  })

  it('a validator never caches a refusal', async () => {
    const validator = made()
    const forged = await forgedToken({ consumer: '889640782' })
    for (let count = 0; count < 3; count++) {
      expect(await reasonOfAsync(validator.verify(fresh(forged), READ))).toBe('bad_signature')
    }
    expect(verifications).toHaveBeenCalledTimes(3)
  })

  it('a forged token with the signature of a cached token is refused', async () => {
    const validator = made()
    const token = await readToken()
    await validator.verify(token, READ)
    const [head, payload] = (await readToken({ consumer: '889640782' })).split('.')
    const forged = [head, payload, token.split('.')[2]].join('.')
    expect(await reasonOfAsync(validator.verify(forged, READ))).toBe('bad_signature')
  })

  it('a cached token is checked against each requirement and the current time', async () => {
    const validator = made()
    const token = await readToken({ consumer: '889640782' })
    await validator.verify(token, READ)
    const refused = (requirement: AccessRequirement) =>
      reasonOfAsync(validator.verify(fresh(token), requirement))
    expect(await refused('nav:x.write')).toBe('insufficient_scope')
    expect(await refused({ scope: READ, authorize: () => false })).toBe('not_authorized')
    clock.advance(129.9)
    await expect(validator.verify(fresh(token), READ)).resolves.toBeDefined()
    clock.advance(0.1)
    expect(await refused(READ)).toBe('expired')
    // 1: the first request. 2 and 3: the requests after `exp`, when the cache has dropped the token.
    expect(verifications).toHaveBeenCalledTimes(3)
  })

  it('util.inspect of a validator shows no cached token', async () => {
    const validator = made()
    const token = await readToken()
    await validator.verify(token, READ)
    expect(inspect(validator, { depth: 9, showHidden: true })).not.toContain(token.slice(-12))
  })
})

describe('the verdicts with and without a token cache', () => {
  const REQUIREMENTS: readonly AccessRequirement[] = [
    READ,
    'nav:x.write',
    { scope: READ, consumers: ['889640782'] },
    { scope: READ, audience: 'https://api.example.no' },
    { scope: READ, delegation: 'forbidden' },
    () => READ,
  ]
  const TOKENS: readonly IssueTokenOptions[] = [
    { scope: READ },
    { scope: `${READ} nav:x.write`, consumer: '889640782' },
    { scope: READ, audience: 'https://api.example.no', expiresIn: 30 },
    { scope: READ, supplier: '991825827', expiresIn: 1000 },
    { scope: READ, claims: { nbf: 1 } },
    { scope: READ, issuer: 'https://maskinporten.no/' },
    { scope: READ, expiresIn: -5 },
  ]

  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        token: fc.nat(9),
        spoil: fc.constantFrom('', '', '', 'payload', 'end'),
        requirement: fc.nat(REQUIREMENTS.length - 1),
      }),
    },
    { weight: 2, arbitrary: fc.record({ issue: fc.nat(TOKENS.length - 1) }) },
    { weight: 2, arbitrary: fc.record({ advance: fc.constantFrom(1, 10, 60, 119, 400, 901) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom(-3600, -60, 60, 3600) }) },
    { weight: 1, arbitrary: fc.record({ publish: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ down: fc.boolean() }) },
  )

  it('every verdict is the same with and without the cache, for any sequence of events', async () => {
    // Key sets with one or two of three keys. The first key of a set has the kid `shared`, and the second has
    // `other`, so the same kid can name different keys in different sets.
    const mocks = await Promise.all([1, 2, 3].map(() => createMockMaskinporten()))
    const setOf = (indexes: readonly number[]) => ({
      keys: indexes
        .flatMap((index) => mocks[index]?.jwks().keys ?? [])
        .map((key, at) => ({ ...key, kid: at === 0 ? 'shared' : 'other' })),
    })
    const SETS = [setOf([0]), setOf([1]), setOf([0, 2]), setOf([2, 0])]
    let accepted = 0
    let refused = 0

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const time = createTestClock()
        let published = SETS[0]
        let isDown = false
        const fetch = async (url: string) => {
          if (isDown) throw new TypeError('fetch failed')
          return Response.json(url.endsWith('/jwk') ? published : await (await mock.fetch(url)).json())
        }
        const options = { issuer: mock.issuer, fetch, clock: time, random: () => 0.5 }
        const pair = [
          createMaskinportenValidator({ ...options, tokenCache: { maxTokens: 4 } }),
          createMaskinportenValidator({ ...options, tokenCache: false }),
        ]
        const issued: string[] = []
        const issue = async (index: number) => {
          const at = Math.floor(time.now() / 1000)
          const { expiresIn = 120, claims, ...wanted } = TOKENS[index] ?? {}
          const from = mocks[issued.length % mocks.length]
          const kid = issued.length % 2 === 0 ? 'shared' : 'other'
          const iss = wanted.issuer ?? mock.issuer
          const all = { iat: at + Math.min(expiresIn, 0) - 1, exp: at + expiresIn, iss, ...claims }
          const token = await from?.issueToken({ ...wanted, claims: all, header: { kid } })
          if (token) issued.push(token)
        }
        await issue(0)
        await issue(1)
        for (const one of steps) {
          if ('issue' in one) await issue(one.issue)
          else if ('advance' in one) time.advance(one.advance)
          else if ('step' in one) time.set(time.now() + one.step * 1000)
          else if ('publish' in one) published = SETS[one.publish]
          else if ('down' in one) isDown = one.down
          else {
            const token = spoilt(issued[one.token % issued.length] ?? '', one.spoil)
            const requirement = REQUIREMENTS[one.requirement] ?? READ
            const verdicts = []
            for (const validator of pair) verdicts.push(await verdictOf(validator, token, requirement))
            expect(verdicts[0]).toEqual(verdicts[1])
            if (verdicts[0] === 'accepted') accepted++
            else refused++
          }
        }
      }),
      { numRuns: RUNS, seed: 42 },
    )
    // Checks that the sequences test both outcomes.
    expect(accepted).toBeGreaterThan(RUNS / 3)
    expect(refused).toBeGreaterThan(RUNS / 3)
  }, 600_000)

  function spoilt(token: string, how: string): string {
    const [head = '', payload = '', signature = ''] = fresh(token).split('.')
    if (how === 'payload') return [head, payload.replace(/^./, 'x'), signature].join('.')
    return how === 'end' ? [head, payload, `${signature.slice(0, -2)}AA`].join('.') : fresh(token)
  }

  async function verdictOf(validator: MaskinportenValidator, token: string, requirement: AccessRequirement) {
    const decision = await validator.decide(`Bearer ${token}`, requirement)
    // Waits for a refresh that this request began, before the next request.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    return decision.allowed ? 'accepted' : decision.denial.body
  }
})
