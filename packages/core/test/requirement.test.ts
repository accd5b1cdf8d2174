import { describe, expect, it, test } from 'vitest'
import { checkAudience, checkConsumer, checkOwnRule } from '../src/access.js'
import { type AccessRequirement, prepareRequirement } from '../src/requirement.js'
import type { VerifiedToken } from '../src/verified-token.js'
import { reasonOf, reasonOfAsync } from './refusal.js'

const prepare = (requirement: unknown) => prepareRequirement(requirement as AccessRequirement)

describe('a mistake in a requirement throws at construction, naming the member', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown member', { scope: 'nav:a', consumer: ['889640782'] }, /no option `consumer`.*consumers/],
    ['no scope', {}, /must name a `scope`/],
    ['null', null, /takes an object/],
    ['a list', ['nav:a'], /takes an object/],
    ['a number', 7, /takes an object/],
    ['an empty consumer list', { scope: 'nav:a', consumers: [] }, /`consumers` is empty/],
    ['a consumer with its ICD', { scope: 'nav:a', consumers: ['0192:889640782'] }, /nine digits/],
    ['one consumer as a string', { scope: 'nav:a', consumers: '889640782' }, /must be an array/],
    ['an empty audience list', { scope: 'nav:a', audience: [] }, /`audience` is empty/],
    ['an audience that is no URI', { scope: 'nav:a', audience: 'my-api' }, /absolute URI/],
    ['the audience unspecified', { scope: 'nav:a', audience: 'unspecified' }, /absolute URI/],
    ['a rule that is no function', { scope: 'nav:a', authorize: true }, /`authorize` must be a function/],
  ])('%s', (_title, requirement, message) => {
    expect(() => prepare(requirement)).toThrow(TypeError)
    expect(() => prepare(requirement)).toThrow(message)
  })
})

it('is read once: what the caller changes afterwards changes nothing', async () => {
  const consumers = ['889640782']
  const requirement = prepare({ scope: 'nav:a', consumers })
  consumers.push('991825827')
  const rule = await requirement.ruleFor(undefined)
  expect([...(rule.consumers ?? [])]).toEqual(['889640782'])
})

it('takes no member from a polluted prototype', async () => {
  const polluted = Object.create({ authorize: () => true, consumers: ['889640782'] })
  const rule = await prepare(Object.assign(polluted, { scope: 'nav:a' })).ruleFor(undefined)
  expect([rule.authorize, rule.consumers]).toEqual([undefined, undefined])
})

it('can be computed from the request, and is then checked like a static one', async () => {
  const byPath = prepareRequirement(async (request: { path: string }) => `nav:${request.path}`)
  expect((await byPath.ruleFor({ path: 'a' })).scope.advertised).toEqual(['nav:a'])
  await expect(byPath.ruleFor({ path: 'a b' })).rejects.toThrow(TypeError)
})

it('is not prepared twice', () => {
  const once = prepareRequirement('nav:a')
  expect(prepareRequirement(once)).toBe(once)
})

const token = (changes: Partial<VerifiedToken>) => changes as VerifiedToken

describe('an audience', () => {
  it('is only checked where one is configured', () => {
    expect(() => checkAudience(token({ audience: ['https://other.no'] }), undefined)).not.toThrow()
  })

  it('must then be there and match exactly', () => {
    const accepted = ['https://a.no', 'https://b.no']
    expect(() => checkAudience(token({ audience: ['https://x.no', 'https://b.no'] }), accepted)).not.toThrow()
    for (const audience of [[], ['https://a.no/'], ['https://A.no'], ['https://a.no/x']]) {
      expect(reasonOf(() => checkAudience(token({ audience }), accepted))).toBe('wrong_audience')
    }
  })
})

describe('a list of consumers', () => {
  const list = new Set(['889640782'])
  const consumer = (organisationNumber?: string) =>
    token({ consumer: { authority: 'a', id: 'i', ...(organisationNumber && { organisationNumber }) } })

  it('lets in those on it alone', () => {
    expect(() => checkConsumer(consumer('889640782'), list)).not.toThrow()
    expect(reasonOf(() => checkConsumer(consumer('991825827'), list))).toBe('consumer_not_allowed')
  })

  it('never lets in an organisation without a Norwegian number', () => {
    expect(reasonOf(() => checkConsumer(consumer(), list))).toBe('consumer_not_allowed')
  })
})

describe('the application’s own rule', () => {
  const check = (result: unknown) => checkOwnRule(token({}), () => result as boolean, undefined)

  it('lets a request pass with true, also a promised one', async () => {
    await expect(check(true)).resolves.toBeUndefined()
    await expect(check(Promise.resolve(true))).resolves.toBeUndefined()
  })

  test.each([false, undefined, null, 1, 'true', {}, Promise.resolve('yes')])(
    'refuses with %j',
    async (result) => {
      expect(await reasonOfAsync(check(result))).toBe('not_authorized')
    },
  )

  it('keeps its own errors', async () => {
    const own = new Error('database')
    const rule = () => {
      throw own
    }
    await expect(checkOwnRule(token({}), rule, undefined)).rejects.toBe(own)
  })
})
