import { describe, expect, it, test } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import type { ReadClaims } from '../../src/claims/read-claims.js'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import {
  type Call,
  checkAudience,
  checkConsent,
  checkConsumer,
  checkDelegation,
  checkOwnRule,
  checkPid,
  checkScope,
  checkSystemUser,
} from '../../src/requirements/access.js'
import { consentsInForce } from '../../src/requirements/consent.js'
import { type AccessRule, prepareRequirement } from '../../src/requirements/requirement.js'
import type { ScopeRequirement } from '../../src/requirements/scope.js'
import { reasonOf, reasonOfAsync } from '../refusal.js'

const NOW = 1_800_000_000
const iso = 'iso6523-actorid-upis'
const organisation = (number: string) => ({
  authority: iso,
  id: `0192:${number}`,
  organisationNumber: number,
})
const CONSUMER = organisation('889640782')
const ESEAL = { authority: 'etsi-en-319-412', id: 'NTRNO-555555555' }

/** A token that holds nothing but what a check asks about. */
function claims(changes: Partial<VerifiedToken> = {}): ReadClaims {
  const token = { consumer: CONSUMER, audience: [], systemUsers: [], consents: [], ...changes }
  return { token: token as unknown as VerifiedToken, hasScope: () => false, notBefore: undefined, memory: 0 }
}

const call = (changes: Partial<Call> = {}): Call => ({
  request: undefined,
  now: NOW,
  audience: undefined,
  ...changes,
})

/** A rule, prepared as a validator does. */
async function prepared<Request = unknown>(rule: Omit<AccessRule<Request>, 'scope'>) {
  return prepareRequirement<Request>({ scope: 'nav:a', ...rule }).ruleFor(undefined as Request)
}

describe('an audience', () => {
  it('is only checked where one is configured', async () => {
    const token = claims({ audience: ['https://other.no'] })
    expect(checkAudience(token, await prepared({}), call())).toBeUndefined()
  })

  it('must then be there and match exactly', async () => {
    const audience = ['https://a.no', 'https://b.no']
    const token = claims({ audience: ['https://x.no', 'https://b.no'] })
    for (const [rule, validator] of [
      [{ audience }, undefined],
      [{}, audience],
    ] as const) {
      const [own, around] = [await prepared(rule), call({ audience: validator })]
      expect(checkAudience(token, own, around)).toBeUndefined()
      for (const other of [[], ['https://a.no/'], ['https://A.no'], ['https://a.no/x']]) {
        expect(reasonOf(() => checkAudience(claims({ audience: other }), own, around))).toBe('wrong_audience')
      }
    }
  })
})

describe('a scope', () => {
  const withScopes = (...scopes: string[]): ReadClaims => ({
    ...claims({ scopes }),
    hasScope: (scope) => scopes.includes(scope),
  })
  const check = async (scope: ScopeRequirement, ...scopes: string[]) =>
    checkScope(withScopes(...scopes), await prepareRequirement({ scope }).ruleFor(undefined))

  it('that the token has is enough', async () => {
    await expect(check('nav:a', 'nav:b', 'nav:a')).resolves.toBeUndefined()
  })

  it('that the token lacks is named, as the caller has to ask for it', async () => {
    const refusal = check({ allOf: ['nav:a', 'nav:b'] }, 'nav:a')
    await expect(refusal).rejects.toMatchObject({
      reason: 'insufficient_scope',
      requiredScopes: ['nav:a', 'nav:b'],
    })
  })

  it('that the token has under its name in nais.yaml is a mistake of its own', async () => {
    const refusal = check('nav:sykepenger/afp.read', 'sykepenger/afp.read')
    await expect(refusal).rejects.toMatchObject({
      reason: 'nais_scope_name',
      requiredScopes: ['nav:sykepenger/afp.read'],
    })
  })
})

describe('a list of consumers', () => {
  const list = { consumers: ['889640782'] }

  it('is only checked where there is one', async () => {
    for (const consumer of [CONSUMER, ESEAL])
      expect(checkConsumer(claims({ consumer }), await prepared({}))).toBeUndefined()
  })

  it('lets in those on it alone', async () => {
    const rule = await prepared(list)
    expect(checkConsumer(claims(), rule)).toBeUndefined()
    const other = claims({ consumer: organisation('991825827') })
    expect(reasonOf(() => checkConsumer(other, rule))).toBe('consumer_not_allowed')
  })

  it('never lets in an organisation without a Norwegian number', async () => {
    const rule = await prepared(list)
    expect(reasonOf(() => checkConsumer(claims({ consumer: ESEAL }), rule))).toBe('consumer_not_allowed')
  })
})

describe('delegation', () => {
  const SUPPLIER = organisation('810969342')
  const SOURCE = 'https://tt02.altinn.no/'
  const own = claims()
  const delegated = claims({ supplier: SUPPLIER, delegationSource: SOURCE })
  const byOther = claims({ supplier: organisation('991825827'), delegationSource: SOURCE })
  const byESeal = claims({ supplier: ESEAL, delegationSource: SOURCE })
  const fromElsewhere = claims({ supplier: SUPPLIER, delegationSource: 'https://tt02.altinn.no' })
  const fromNowhere = claims({ supplier: SUPPLIER })
  const withoutSupplier = claims({ delegationSource: SOURCE })

  test.each<[string, object, ReadClaims, string | undefined]>([
    ['left out: a delegated token passes', {}, delegated, undefined],
    ['allowed: a delegated token passes', { delegation: 'allowed' }, delegated, undefined],
    ['allowed: any other passes', { delegation: 'allowed' }, own, undefined],
    ['forbidden: a consumer’s own token passes', { delegation: 'forbidden' }, own, undefined],
    [
      'forbidden: a delegated token is refused',
      { delegation: 'forbidden' },
      delegated,
      'delegation_not_allowed',
    ],
    [
      'forbidden: a token with half of a delegation is refused',
      { delegation: 'forbidden' },
      withoutSupplier,
      'delegation_not_allowed',
    ],
    [
      'forbidden: a token with the other half is refused',
      { delegation: 'forbidden' },
      fromNowhere,
      'delegation_not_allowed',
    ],
    ['required: a delegated token passes', { delegation: 'required' }, delegated, undefined],
    ['required: a consumer’s own token is refused', { delegation: 'required' }, own, 'delegation_required'],
    [
      'required: half of a delegation is refused',
      { delegation: 'required' },
      withoutSupplier,
      'delegation_required',
    ],
    ['suppliers: one on the list passes', { delegation: { suppliers: ['810969342'] } }, delegated, undefined],
    [
      'suppliers: another is refused',
      { delegation: { suppliers: ['810969342'] } },
      byOther,
      'supplier_not_allowed',
    ],
    [
      'suppliers: one without a Norwegian number is refused',
      { delegation: { suppliers: ['810969342'] } },
      byESeal,
      'supplier_not_allowed',
    ],
    [
      'suppliers: the consumer is none',
      { delegation: { suppliers: ['889640782'] } },
      delegated,
      'supplier_not_allowed',
    ],
    [
      'suppliers: delegation itself is required',
      { delegation: { suppliers: ['810969342'] } },
      own,
      'delegation_required',
    ],
    ['sources: one on the list passes', { delegation: { sources: [SOURCE] } }, byOther, undefined],
    [
      'sources: they are compared exactly',
      { delegation: { sources: [SOURCE] } },
      fromElsewhere,
      'delegation_source_not_allowed',
    ],
    [
      'sources: none is no source',
      { delegation: { sources: [SOURCE] } },
      fromNowhere,
      'delegation_source_not_allowed',
    ],
    [
      'suppliers and sources: both must hold',
      { delegation: { suppliers: ['810969342'], sources: [SOURCE] } },
      fromElsewhere,
      'delegation_source_not_allowed',
    ],
    [
      'suppliers and sources: a token with both passes',
      { delegation: { suppliers: ['810969342'], sources: [SOURCE] } },
      delegated,
      undefined,
    ],
  ])('%s', async (_title, rule, token, reason) => {
    const check = async () => checkDelegation(token, await prepared(rule))
    if (reason === undefined) await expect(check()).resolves.toBeUndefined()
    else expect(await reasonOfAsync(check())).toBe(reason)
  })
})

describe('a system user', () => {
  const token = claims({ systemUsers: [{ customer: CONSUMER, ids: ['x'], systemId: 's' }] })

  it('is asked for only where required', async () => {
    expect(checkSystemUser(claims(), await prepared({}))).toBeUndefined()
    expect(checkSystemUser(token, await prepared({}))).toBeUndefined()
  })

  it('must then be in the token', async () => {
    const rule = await prepared({ systemUser: 'required' })
    expect(checkSystemUser(token, rule)).toBeUndefined()
    expect(reasonOf(() => checkSystemUser(claims(), rule))).toBe('system_user_required')
  })
})

describe('a consent', () => {
  const consent = (changes: Partial<Omit<Consent, 'from'>> = {}, ...resources: string[]): Consent => {
    const rights = resources.map((value) => ({
      actions: ['consent'],
      resources: [{ type: 'urn:altinn:resource', value }],
      metadata: {},
    }))
    const shown = {
      id: 'c',
      to: { ...CONSUMER },
      consented: NOW - 100,
      validTo: NOW + 100,
      rights,
      ...changes,
    }
    return new Consent(shown, { type: 'person', pid: '05848998356' })
  }
  const check = async (rule: AccessRule['consent'], ...consents: Consent[]) =>
    checkConsent(claims({ consents }), await prepared(rule === undefined ? {} : { consent: rule }), call())

  it('is asked for only where required', async () => {
    await expect(check(undefined)).resolves.toBeUndefined()
  })

  it('counts until the moment it ends, and no clock tolerance extends it', async () => {
    await expect(check('required', consent({ validTo: NOW + 0.001 }))).resolves.toBeUndefined()
    for (const validTo of [NOW, NOW - 0.001, NOW - 9]) {
      expect(await reasonOfAsync(check('required', consent({ validTo })))).toBe('consent_expired')
    }
  })

  it('counts only when it was given to the consumer', async () => {
    for (const to of [
      organisation('991825827'),
      { ...CONSUMER, authority: 'other' },
      { ...CONSUMER, id: '0192:889640782:x' },
    ]) {
      expect(await reasonOfAsync(check('required', consent({ to })))).toBe('consent_required')
      // Not the caller's, so that it has ended is nothing to tell.
      expect(await reasonOfAsync(check('required', consent({ to, validTo: NOW - 1 })))).toBe(
        'consent_required',
      )
    }
  })

  it('is missing where there is none', async () => {
    expect(await reasonOfAsync(check('required'))).toBe('consent_required')
  })

  it('must cover every resource that is asked for, alone', async () => {
    const resources = ['a', 'b']
    await expect(check({ resources }, consent({}, 'b', 'x', 'a'))).resolves.toBeUndefined()
    await expect(check({ resources: ['a'] }, consent({}, 'x'), consent({}, 'a'))).resolves.toBeUndefined()
    for (const given of [
      [],
      [consent({}, 'a')],
      [consent({}, 'a'), consent({}, 'b')],
      [consent({}, 'A', 'b')],
    ]) {
      expect(await reasonOfAsync(check({ resources }, ...given))).toBe('consent_required')
    }
  })

  it('covers each of the resources that one of its rights names', async () => {
    const altinn = (value: string) => ({ type: 'urn:altinn:resource', value })
    const rights = [{ actions: ['consent'], resources: [altinn('a'), altinn('b')], metadata: {} }]
    await expect(check({ resources: ['a'] }, consent({ rights }))).resolves.toBeUndefined()
    await expect(check({ resources: ['b', 'a'] }, consent({ rights }))).resolves.toBeUndefined()
  })

  it('covers resources of Altinn’s register only', async () => {
    const [right] = consent({}, 'a').rights
    const rights = [{ actions: [], metadata: {}, ...right, resources: [{ type: 'urn:other', value: 'a' }] }]
    expect(await reasonOfAsync(check({ resources: ['a'] }, consent({ rights })))).toBe('consent_required')
  })

  it('that has ended is told apart from one that covers something else', async () => {
    const ended = { validTo: NOW - 1 }
    expect(await reasonOfAsync(check({ resources: ['a'] }, consent(ended, 'a')))).toBe('consent_expired')
    expect(await reasonOfAsync(check({ resources: ['a'] }, consent(ended, 'x')))).toBe('consent_required')
    await expect(check({ resources: ['a'] }, consent(ended, 'a'), consent({}, 'a'))).resolves.toBeUndefined()
  })

  it('does not count while the clock is broken', async () => {
    const rule = await prepared({ consent: 'required' })
    const broken = () => checkConsent(claims({ consents: [consent()] }), rule, call({ now: Number.NaN }))
    expect(reasonOf(broken)).toBe('consent_expired')
  })

  it('in force is told from the others for handlers that must know whose data to give', () => {
    const inForce = consent({ id: 'good' }, 'a', 'b')
    const others = [consent({ to: organisation('991825827') }, 'a'), consent({ validTo: NOW }, 'a')]
    const { token } = claims({ consents: [...others, inForce] })
    expect(consentsInForce(token, [], NOW)).toEqual([inForce])
    expect(consentsInForce(token, ['a', 'b'], NOW)).toEqual([inForce])
    expect(consentsInForce(token, ['a', 'c'], NOW)).toEqual([])
    expect(consentsInForce(token, [], Date.UTC(2999, 0) / 1000)).toEqual([])
  })

  it('in force is, for who does not say otherwise, one for anything that has not ended by now', () => {
    const now = consent({ id: 'now', validTo: Date.UTC(2999, 0) / 1000 }, 'a')
    expect(consentsInForce(claims({ consents: [consent({ validTo: 1 }, 'a'), now] }).token)).toEqual([now])
  })
})

describe('the person that a call is about', () => {
  const PID = '01010199999'
  const check = async (pid: string | undefined, subject: unknown) =>
    checkPid(
      claims(pid === undefined ? {} : { pid }),
      await prepared<string>({
        pid: (request) => (request === 'the request' ? (subject as string) : 'wrong'),
      }),
      call({ request: 'the request' }) as Call<string>,
    )

  it('is asked for only where required', async () => {
    expect(checkPid(claims(), await prepared({}), call())).toBeUndefined()
    expect(checkPid(claims({ pid: PID }), await prepared({}), call())).toBeUndefined()
  })

  it('must be the token’s own', async () => {
    await expect(check(PID, PID)).resolves.toBeUndefined()
    for (const other of ['01010199998', '', ` ${PID}`]) {
      expect(await reasonOfAsync(check(PID, other))).toBe('pid_mismatch')
    }
  })

  it('must be known: a call about nobody is refused', async () => {
    expect(await reasonOfAsync(check(PID, undefined))).toBe('pid_mismatch')
  })

  it('must be in the token, even where the call is about nobody', async () => {
    expect(await reasonOfAsync(check(undefined, PID))).toBe('pid_required')
    expect(await reasonOfAsync(check(undefined, undefined))).toBe('pid_required')
  })

  it('is a string: anything else is a mistake of the application, and no refusal', async () => {
    for (const mistake of [1010199999, null, Promise.resolve(PID), [PID]]) {
      await expect(check(PID, mistake)).rejects.toThrow(TypeError)
      await expect(check(PID, mistake)).rejects.toThrow('`pid` function')
    }
  })

  it('keeps the errors of the function that says who it is', async () => {
    const own = new Error('no such case')
    const rule = await prepared({
      pid: () => {
        throw own
      },
    })
    expect(() => checkPid(claims({ pid: PID }), rule, call())).toThrow(own)
  })
})

describe('the application’s own rule', () => {
  const check = async (result: unknown) =>
    checkOwnRule(claims(), await prepared({ authorize: () => result as boolean }), call())

  it('lets nobody pass where there is none: who has none does not ask', async () => {
    expect(await reasonOfAsync(checkOwnRule(claims(), await prepared({}), call()))).toBe('not_authorized')
  })

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
    const rule = await prepared({
      authorize: () => {
        throw own
      },
    })
    await expect(checkOwnRule(claims(), rule, call())).rejects.toBe(own)
  })
})
