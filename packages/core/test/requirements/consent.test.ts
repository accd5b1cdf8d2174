import { expect, it } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import { consentsInForce } from '../../src/requirements/consent.js'
import type { AccessRule } from '../../src/requirements/demands.js'
import { CONSUMER, claims, NOW, organisation, outcome } from './sample-claims.js'

const consent = (changes: Partial<Omit<Consent, 'from'>> = {}, ...resources: string[]): Consent => {
  const rights = resources.map((value) => ({
    actions: ['consent'],
    resources: [{ type: 'urn:altinn:resource', value }],
    metadata: {},
  }))
  const shown = { id: 'c', to: { ...CONSUMER }, consented: NOW - 100, validTo: NOW + 100, rights }
  return new Consent({ ...shown, ...changes }, { type: 'person', pid: '05848998356' })
}
const consentOutcome = (consent: NonNullable<AccessRule['consent']>, ...consents: Consent[]) =>
  outcome({ consent }, { consents })

it('a consent counts until the moment it ends, without clock tolerance', async () => {
  expect(await consentOutcome('required', consent({ validTo: NOW + 0.001 }))).toBe('allowed')
  expect(await consentOutcome('required', consent({ validTo: NOW }))).toBe('consent_expired')
})

it('a consent counts only if it was given to the consumer of the token', async () => {
  const similar = [{ authority: 'other' }, { id: '0192:889640782:x' }]
  for (const changes of [organisation('991825827'), ...similar]) {
    const to = { ...CONSUMER, ...changes }
    // The caller must not learn that another consumer's consent has ended.
    for (const validTo of [NOW + 100, NOW - 1])
      expect(await consentOutcome('required', consent({ to, validTo }))).toBe('consent_required')
  }
})

it('a single consent must cover all required resources', async () => {
  const resources = ['a', 'b']
  expect(await consentOutcome({ resources }, consent({}, 'b', 'x', 'a'))).toBe('allowed')
  const [a, b] = [consent({}, 'a'), consent({}, 'b')]
  for (const given of [[], [a], [a, b], [consent({}, 'A', 'b')]])
    expect(await consentOutcome({ resources }, ...given)).toBe('consent_required')
})

it('a consent covers every resource that its rights name', async () => {
  const altinn = (value: string) => ({ type: 'urn:altinn:resource', value })
  const rights = [{ actions: ['consent'], resources: [altinn('a'), altinn('b')], metadata: {} }]
  expect(await consentOutcome({ resources: ['a'] }, consent({ rights }))).toBe('allowed')
  expect(await consentOutcome({ resources: ['b', 'a'] }, consent({ rights }))).toBe('allowed')
})

it('a consent does not cover a resource whose type is not `urn:altinn:resource`', async () => {
  const [right] = consent({}, 'a').rights
  const rights = [{ actions: [], metadata: {}, ...right, resources: [{ type: 'urn:other', value: 'a' }] }]
  expect(await consentOutcome({ resources: ['a'] }, consent({ rights }))).toBe('consent_required')
})

it('an ended consent and a consent for other resources are refused for different reasons', async () => {
  const ended = { validTo: NOW - 1 }
  const resources = ['a']
  expect(await consentOutcome({ resources }, consent(ended, 'a'))).toBe('consent_expired')
  expect(await consentOutcome({ resources }, consent(ended, 'x'))).toBe('consent_required')
  expect(await consentOutcome({ resources }, consent(ended, 'a'), consent({}, 'a'))).toBe('allowed')
})

it('a consent does not count when the clock returns NaN', async () => {
  const atNaN = outcome({ consent: 'required' }, { consents: [consent()] }, { now: Number.NaN })
  expect(await atNaN).toBe('consent_expired')
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
  expect(() => consentsInForce(claims().token, new Array(1))).toThrow('`resources[0]` is undefined')
})
