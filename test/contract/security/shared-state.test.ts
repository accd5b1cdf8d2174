import { setImmediate } from 'node:timers/promises'
import * as core from '@portvakt/core'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  type Denial,
  type MaskinportenError,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import * as adapter from '@portvakt/core/adapter'
import * as internal from '@portvakt/core/internal'
import * as openapi from '@portvakt/core/openapi'
import { createTestClock } from '@portvakt/mock'
import { expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { CONSENT, Forge, ISSUER, NOW } from './forge.js'
import { prepare } from './stage.js'
import { errorOf } from './verdicts.js'

/**
 * A receiver of an object from core must not be able to change the results of later callers. Every such
 * object is therefore deeply frozen, or is given to only one receiver.
 */

const forge = new Forge()
const clock = createTestClock(NOW * 1000)
const SYSTEM_USER = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:314168267' },
  systemuser_id: ['a'],
  system_id: 'b',
}
/** A token with every typed claim and one untyped claim. */
const FULL = forge.token({
  aud: ['https://api.example.no'],
  supplier: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
  delegation_source: 'https://altinn.no/',
  authorization_details: [CONSENT, SYSTEM_USER, { type: 'other', list: [{}] }],
  unknown: { deep: [[{ a: {} }]] },
})
/** Objects of the application, which are returned unchanged. */
const APPLICATIONS = new Set<unknown>()

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Every object reachable from a value, except functions and prototypes of classes. */
function reachable(value: unknown, found = new Set<object>()): Set<object> {
  if (!isObject(value) || found.has(value) || APPLICATIONS.has(value)) return found
  found.add(value)
  if (value instanceof Map || value instanceof Set) for (const entry of value) reachable(entry, found)
  for (const name of Reflect.ownKeys(value)) reachable(Reflect.get(value, name), found)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!isObject(prototype)) return found
  if (!Object.hasOwn(prototype, 'constructor')) return reachable(prototype, found)
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (get && prototype !== Object.prototype) reachable(Reflect.get(value, name), found)
  }
  return found
}

/**
 * The reachable objects that can be changed. A frozen `Map` or `Set` counts, because its contents can change.
 */
function changeable(value: unknown): object[] {
  return [...reachable(value)].filter(
    (each) =>
      !Object.isFrozen(each) || each instanceof Map || each instanceof Set || ArrayBuffer.isView(each),
  )
}

const made = (options: MaskinportenValidatorOptions = {}) =>
  createMaskinportenValidator({ issuer: ISSUER, jwks: { keys: [forge.known.jwk] }, clock, ...options })

const failing = () => {
  const failure = new TypeError('fetch failed')
  APPLICATIONS.add(failure)
  return Promise.reject(failure)
}
const downClock = createTestClock(NOW * 1000)
const down = createMaskinportenValidator({ issuer: ISSUER, fetch: failing, clock: downClock })
const jwks = { keys: [forge.known.jwk] }
const { validator: texas } = await prepare(forge, { options: { jwks, fetch: failing, clock } }, 'texas')
const cached = made()
const uncached = made({ tokenCache: false })

const RULE = {
  scope: { allOf: [READ, { anyOf: [READ, 'nav:other'] }] },
  audience: ['https://api.example.no'],
  consumers: ['889640782'],
  delegation: { suppliers: ['991825827'], sources: ['https://altinn.no/'] },
  systemUser: 'required',
  consent: { resources: ['x'] },
} as const
const PREPARED = adapter.prepareRequirement(RULE)
const PREPARED_OTHER = adapter.prepareRequirement({ scope: { anyOf: ['nav:other', 'nav:another'] } })

/** Returns the events that one decision causes. */
async function eventOf(authorization: string | undefined, requirement: core.AccessRequirement) {
  const events: DecisionEvent[] = []
  await made({ onDecision: (event) => events.push(event) }).decide(authorization, requirement)
  return events
}

/** Returns the denial that `denialBody` receives, and the decision. */
async function denialShown() {
  const shown: Denial[] = []
  const denialBody = (denial: Denial) => {
    shown.push(denial)
    return { own: true }
  }
  const decision = await made({ denialBody }).decide(undefined, READ)
  return [shown, decision]
}

/** Advances the clock until `ready` rejects. */
async function neverReady() {
  const failed = errorOf(() => down.ready())
  let isSettled = false
  void failed.then(() => (isSettled = true))
  while (!isSettled) {
    await setImmediate()
    downClock.advance(1)
  }
  return failed
}

const verify = (validator: MaskinportenValidator, requirement: core.AccessRequirement = RULE) =>
  validator.verify(FULL, requirement)

/** Functions that return an object as a caller of core receives it. */
const HANDED_OUT: Readonly<Record<string, () => unknown>> = {
  'a verified token': () => verify(uncached),
  'a verified token from the cache': () => verify(cached),
  'a decision that allows': () => cached.decide(`Bearer ${FULL}`, RULE),
  'a decision that denies a missing token': () => cached.decide(undefined, READ),
  'a decision that denies a missing scope': () => cached.decide(`Bearer ${FULL}`, 'nav:other'),
  'a decision that denies because keys are unavailable': () => down.decide(`Bearer ${FULL}`, READ),
  'a decision that denies an unguarded route': () => cached.refuseUnguarded(),
  'a decision by Texas': () => texas.decide(`Bearer ${FULL}`, READ),
  'an event of an allowed request': () => eventOf(`Bearer ${FULL}`, RULE),
  'an event of a missing scope': () => eventOf(`Bearer ${FULL}`, 'nav:other'),
  'an event without a token': () => eventOf(undefined, READ),
  'a denial for `denialBody`, and the decision with that body': denialShown,
  'an explanation of a valid token': () => cached.explain(FULL, RULE),
  'an explanation of a refused token': () => cached.explain(FULL, 'nav:other'),
  'an explanation of a malformed token': () => cached.explain('x', READ),
  'an explanation without keys': () => down.explain(FULL, READ),
  'an error of a missing scope': () =>
    errorOf(() => verify(cached, { scope: { allOf: ['nav:a', 'nav:b'] } })),
  'an error of a prepared requirement': () => errorOf(() => cached.verify(FULL, PREPARED_OTHER)),
  'an error of a malformed token': () => errorOf(() => cached.verify('x', READ)),
  'an error without keys': () => errorOf(() => verify(down)),
  'an error of Texas': () => errorOf(() => verify(texas)),
  'an error of `ready`': neverReady,
  'an error of `ready` with Texas': () => errorOf(() => texas.ready()),
  'the health of loaded keys': () => cached.health(),
  'the health of missing keys': () => down.health(),
  'the health of Texas': () => texas.health(),
  'a prepared requirement': () => PREPARED,
  'a validator': () => cached,
  'a Texas validator': () => texas,
  'the denial of an error': async () =>
    adapter.denialOf((await errorOf(() => verify(cached, 'nav:a'))) as MaskinportenError),
  'typed claims': async () => internal.readClaims((await verify(cached)).claims),
  'the consents in force': async () => core.consentsInForce(await verify(cached), [], NOW),
  'the elements of an organisation': async () => core.iso6523Elements((await verify(cached)).consumer),
  'the values of a header': () =>
    adapter.authorizationValues({ rawHeaders: ['Authorization', 'a', 'authorization', 'b'] }),
  'the security of an operation': () => openapi.securityOf(PREPARED),
  'a secured document': () =>
    openapi.secureOperations({ openapi: '3.1.0', paths: { '/': { get: {} } } }, () => [PREPARED]),
  'a copy by takeOptions': () => adapter.takeOptions({ a: 1 }, ['a'], 'it'),
  'every exported constant': () =>
    [core, adapter, internal, openapi]
      .flatMap((door) => Object.values(door))
      .filter((value) => typeof value !== 'function'),
}

test.each(Object.entries(HANDED_OUT))(
  'two callers that receive %s share no object that can be changed',
  async (_name, handOut) => {
    const [first, second] = [await handOut(), await handOut()]
    expect(reachable(first).size).toBeGreaterThan(0)
    const others = new Set(changeable(second))
    expect(changeable(first).filter((each) => others.has(each))).toEqual([])
  },
)

it('K04 no object in a verified token can be changed, whether or not the token comes from the cache', async () => {
  for (const validator of [uncached, cached]) {
    const token = await verify(validator)
    expect(changeable(token)).toEqual([])
    expect(reachable(token).size).toBeGreaterThan(10)
  }
})

it('`changeable` finds changeable objects at any depth', () => {
  const shared = Object.freeze({ list: Object.freeze([Object.freeze({ open: [] })]) })
  expect(changeable(shared)).toEqual([[]])
  expect(changeable(Object.freeze(new Set(['a'])))).toHaveLength(1)
  class Holder {
    readonly #inner = { open: true }
    get inner() {
      return this.#inner
    }
  }
  expect(changeable(Object.freeze(new Holder()))).toEqual([{ open: true }])
})
