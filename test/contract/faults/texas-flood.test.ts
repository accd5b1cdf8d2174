import { createTexasValidator, type MaskinportenValidator } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKey, NOW } from '../security/forge.js'
import { type Behaviour, createKeyEndpoint, json, type KeyEndpoint } from './key-endpoint.js'
import { outcomeOf, TexasServer } from './texas-server.js'
import { forge, turns, until } from './world.js'

const CALLERS = 50

let texas: TexasServer
let keyEndpoint: KeyEndpoint
let clock: TestClock
let validator: MaskinportenValidator
let answers: Set<string>
let stop: () => Promise<void>

beforeEach(async () => {
  texas = new TexasServer([forge.known.jwk.kid])
  const introspectionEndpoint = await texas.listen()
  keyEndpoint = await createKeyEndpoint({ keys: [forge.known.jwk] })
  clock = createTestClock(NOW * 1000)
  const { issuer } = keyEndpoint
  validator = createTexasValidator({ issuer, introspectionEndpoint, clock, random: () => 0.5 })
  answers = new Set()
  stop = async () => undefined
})
afterEach(async () => {
  await keyEndpoint.close()
  clock.advance(60)
  await stop()
  await texas.close()
})

const claims = () => ({ iss: keyEndpoint.issuer, exp: NOW + 3600 })

const present = (token: string) => outcomeOf(validator, token)

/**
 * Starts 50 callers, each of which sends one request after the other. Half of the tokens have a new kid and
 * an invalid signature. The other tokens have a published kid and an attacker's signature.
 */
function flood(): void {
  let isOver = false
  const forged = forge.forged({}, claims())
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let attempt = 0; !isOver; attempt++) {
      const header = { ...forge.header, kid: `invented-${caller}-${attempt}` }
      const token =
        attempt % 2 === 0 ? forge.unsigned(header, 'AAAA', { ...forge.claims, ...claims() }) : forged
      answers.add(await present(token))
      await turns(1)
    }
  })
  stop = async () => {
    isOver = true
    await Promise.all(callers)
  }
}

/** Makes the key endpoint hold requests until the test calls `answer`. */
function holdKeys(): { readonly answer: (keys: unknown) => void } {
  const held: Parameters<Behaviour>[] = []
  keyEndpoint.behave((...request) => held.push(request))
  return {
    answer(keys) {
      keyEndpoint.behave(json(keys))
      for (const request of held) json(keys)(...request)
    },
  }
}

it('in a flood of forged tokens, valid tokens do not wait for keys, and Texas receives only valid tokens', async () => {
  await validator.ready()
  const good = forge.token(claims())
  expect(await present(good)).toBe('allowed')
  const keys = holdKeys()
  flood()
  await until(() => keyEndpoint.counts.requests === 2)
  // The test clock stands still and the key endpoint does not answer, so these decisions wait only for
  // Texas.
  for (let times = 0; times < 100; times++) expect(await present(good)).toBe('allowed')
  keys.answer({ keys: [forge.known.jwk] })
  await until(() => answers.size === 2)
  await stop()
  expect(answers).toEqual(new Set(['401 unknown_key', '401 bad_signature']))
  expect(new Set(texas.shown)).toEqual(new Set([good]))
  expect(texas.shown).toHaveLength(101)
  expect(texas.mostAtOnce).toBe(1)
  expect(keyEndpoint.counts.requests).toBe(2)
})

it('in a flood of forged tokens, a starting instance allows a valid token once keys arrive after 4 s', async () => {
  const keys = holdKeys()
  flood()
  const good = forge.token(claims())
  const first = present(good)
  await until(() => keyEndpoint.counts.requests === 1)
  clock.advance(4)
  keys.answer({ keys: [forge.known.jwk] })
  expect(await first).toBe('allowed')
  await validator.ready()
  expect(validator.health()).toMatchObject({ usable: true, keys: 1 })
  await stop()
  expect(texas.shown).toEqual([good])
  expect(keyEndpoint.counts.requests).toBeLessThanOrEqual(2)
})

it('in a flood of forged tokens, a token signed by a new key is allowed after the cooldown', async () => {
  await validator.ready()
  flood()
  await until(() => keyEndpoint.counts.requests === 2)
  await until(() => answers.size === 2)
  const rotated = createKey('rotated')
  keyEndpoint.behave(json({ keys: [forge.known.jwk, rotated.jwk] }))
  texas.see(rotated.jwk.kid)
  const token = forge.signedBy(rotated, claims())
  expect(await present(token)).toBe('401 unknown_key')
  clock.advance(29.9)
  expect(await present(token)).toBe('401 unknown_key')
  clock.advance(0.1)
  expect(await present(token)).toBe('allowed')
  await stop()
  expect(texas.shown).toEqual([token])
  expect(keyEndpoint.counts.requests).toBe(3)
})

it('a token signed by a key that Texas lacks gets 503 at the timeout, and readiness probes still succeed', async () => {
  keyEndpoint.behave(json({ keys: [forge.known.jwk, forge.bystander.jwk] }))
  await validator.ready()
  clock.advance(4)
  const answered = present(forge.signedBy(forge.bystander, claims()))
  await until(() => texas.shown.length === 1)
  clock.advance(1)
  expect(validator.health().usable).toBe(true)
  await until(() => texas.gets === 1)
  await validator.ready()
  clock.advance(3.9)
  expect(texas.abandoned).toBe(0)
  clock.advance(0.1)
  expect(await answered).toBe('503 introspection_unavailable')
  await until(() => texas.abandoned > 0)
  expect(await present(forge.token(claims()))).toBe('allowed')
  expect(validator.health().usable).toBe(true)
})
