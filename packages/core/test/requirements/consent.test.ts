import { expect, it } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import { consentsInForce } from '../../src/requirements/consent.js'
import type { AccessRule } from '../../src/requirements/demands.js'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, check, claims, NOW, organisation } from './sample-claims.js'

const consent = (changes: Partial<Omit<Consent, 'from'>> = {}, ...resources: string[]): Consent => {
  const rights = resources.map((value) => ({
    actions: ['consent'],
    resources: [{ type: 'urn:altinn:resource', value }],
    metadata: {},
  }))
  const shown = { id: 'c', to: { ...CONSUMER }, consented: NOW - 100, validTo: NOW + 100, rights }
  return new Consent({ ...shown, ...changes }, { type: 'person', pid: '05848998356' })
}
const checkConsent = (rule: AccessRule['consent'], ...consents: Consent[]) =>
  check(rule === undefined ? {} : { consent: rule }, claims({ consents }))

const refusal = (...given: Parameters<typeof checkConsent>) => reasonOfAsync(checkConsent(...given))

it('a token needs a consent only if the rule requires one', async () => {
  await expect(checkConsent(undefined)).resolves.toBeUndefined()
  expect(await refusal('required')).toBe('consent_required')
})

it('a consent counts until the moment it ends, without clock tolerance', async () => {
  await expect(checkConsent('required', consent({ validTo: NOW + 0.001 }))).resolves.toBeUndefined()
  for (const validTo of [NOW, NOW - 0.001, NOW - 9]) {
    expect(await refusal('required', consent({ validTo }))).toBe('consent_expired')
  }
})

it('a consent counts only if it was given to the consumer of the token', async () => {
  const others = [{ authority: 'other' }, { id: '0192:889640782:x' }].map((part) => ({
    ...CONSUMER,
    ...part,
  }))
  for (const to of [organisation('991825827'), ...others]) {
    // The caller must not learn that another consumer's consent has ended.
    for (const validTo of [NOW + 100, NOW - 1])
      expect(await refusal('required', consent({ to, validTo }))).toBe('consent_required')
  }
})

it('a single consent must cover all required resources', async () => {
  const resources = ['a', 'b']
  await expect(checkConsent({ resources }, consent({}, 'b', 'x', 'a'))).resolves.toBeUndefined()
  const [a, b] = [consent({}, 'a'), consent({}, 'b')]
  await expect(checkConsent({ resources: ['a'] }, consent({}, 'x'), a)).resolves.toBeUndefined()
  for (const given of [[], [a], [a, b], [consent({}, 'A', 'b')]])
    expect(await refusal({ resources }, ...given)).toBe('consent_required')
})

it('a consent covers every resource that its rights name', async () => {
  const altinn = (value: string) => ({ type: 'urn:altinn:resource', value })
  const rights = [{ actions: ['consent'], resources: [altinn('a'), altinn('b')], metadata: {} }]
  await expect(checkConsent({ resources: ['a'] }, consent({ rights }))).resolves.toBeUndefined()
  await expect(checkConsent({ resources: ['b', 'a'] }, consent({ rights }))).resolves.toBeUndefined()
})

it('a consent does not cover a resource whose type is not `urn:altinn:resource`', async () => {
  const [right] = consent({}, 'a').rights
  const rights = [{ actions: [], metadata: {}, ...right, resources: [{ type: 'urn:other', value: 'a' }] }]
  expect(await refusal({ resources: ['a'] }, consent({ rights }))).toBe('consent_required')
})

it('an ended consent and a consent for other resources are refused for different reasons', async () => {
  const ended = { validTo: NOW - 1 }
  const resources = ['a']
  expect(await refusal({ resources }, consent(ended, 'a'))).toBe('consent_expired')
  expect(await refusal({ resources }, consent(ended, 'x'))).toBe('consent_required')
  await expect(checkConsent({ resources }, consent(ended, 'a'), consent({}, 'a'))).resolves.toBeUndefined()
})

it('a consent does not count when the clock returns NaN', async () => {
  const token = claims({ consents: [consent()] })
  const broken = check({ consent: 'required' }, token, { now: Number.NaN })
  expect(await reasonOfAsync(broken)).toBe('consent_expired')
})

it('`consentsInForce` returns only consents that count, so that a handler knows whose data to return', () => {
  const inForce = consent({ id: 'good' }, 'a', 'b')
  const others = [consent({ to: organisation('991825827') }, 'a'), consent({ validTo: NOW }, 'a')]
  const { token } = claims({ consents: [...others, inForce] })
  expect(consentsInForce(token, [], NOW)).toEqual([inForce])
  expect(consentsInForce(token, ['a', 'b'], NOW)).toEqual([inForce])
  expect(consentsInForce(token, ['a', 'c'], NOW)).toEqual([])
  expect(consentsInForce(token, [], Date.UTC(2999, 0) / 1000)).toEqual([])
})

it('without a list of resources, `consentsInForce` returns every consent that is valid now', () => {
  const now = consent({ id: 'now', validTo: Date.UTC(2999, 0) / 1000 }, 'a')
  expect(consentsInForce(claims({ consents: [consent({ validTo: 1 }, 'a'), now] }).token)).toEqual([now])
})

it('`consentsInForce` throws for a list with a hole', () => {
  const { token } = claims()
  expect(() => consentsInForce(token, new Array(1))).toThrow('`resources[0]` is undefined')
})
