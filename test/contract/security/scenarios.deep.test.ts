import { setImmediate } from 'node:timers/promises'
import type { MaskinportenReason } from '@portvakt/core'
import { describe, expect, test } from 'vitest'
import { READ, WRITE } from '../conformance/api.js'
import { authorization } from '../conformance/case.js'
import { HOSTS } from '../conformance/hosts.js'
import { expectAnswer } from './answers.js'
import { serveHost } from './arena.js'
import type { Target } from './attack.js'
import { Forge, NOW } from './forge.js'
import { prepare } from './stage.js'

const forge = new Forge()
const usual = await prepare(forge)
const { known, other, bystander } = forge
const BOTH = { keys: [known.jwk, bystander.jwk] }
const BY_BYSTANDER = forge.signedBy(bystander)

/** Sequences of requests. Earlier requests must not change the answers to later ones. */
describe.each(HOSTS)('scenarios on $name', (host) => {
  const send = serveHost(host, forge, usual)

  /** Makes a new validator for the host. */
  async function begin(target: Target = {}) {
    const prepared = await prepare(forge, target)

    /** Sends a token, and compares a refusal with the table in answers.ts. */
    async function present(token: string, target = '/read'): Promise<MaskinportenReason | 'allowed'> {
      const request = { target, headers: authorization(`Bearer ${token}`) }
      const { answer, handled, reported } = await send(request, prepared)
      const reason = reported.at(-1)
      expect(handled).toBe(reason === undefined ? 1 : 0)
      if (reason === undefined) expect(answer.status).toBe(200)
      else expectAnswer(answer, reason)
      return reason ?? 'allowed'
    }

    /** Lets the keys become stale, and sends a request that fetches them. */
    async function refresh(): Promise<void> {
      prepared.clock.advance(601)
      const before = prepared.fetches()
      await present(forge.token({ exp: 1 }))
      // The keys arrive in the background, while the clock stands still.
      while (prepared.validator.health().keyAge !== 0) await setImmediate()
      expect(prepared.fetches()).toBe(before + 1)
    }

    return { ...prepared, present, refresh }
  }

  // CVE-2026-107719 and GHSA-x937-hj6v-793p (fast-jwt).
  test(`K01 on ${host.name}, an allowed token is refused from its exp plus the clock tolerance on`, async () => {
    const { clock, present } = await begin()
    const token = forge.token()
    expect(await present(token)).toBe('allowed')
    clock.advance(129.999)
    expect(await present(token)).toBe('allowed')
    clock.advance(0.001)
    expect(await present(token)).toBe('expired')
  })

  test(`K02 on ${host.name}, an allowed token is refused after another key takes over its kid`, async () => {
    const { present, publish, refresh } = await begin()
    const token = forge.token({ exp: NOW + 86_400 })
    expect(await present(token)).toBe('allowed')
    publish({ keys: [{ ...other.jwk, kid: known.jwk.kid }] })
    await refresh()
    expect(await present(token)).toBe('bad_signature')
    expect(await present(forge.forged({}, { exp: NOW + 86_400 }))).toBe('allowed')
  })

  test(`K02 on ${host.name}, an allowed token is refused when the keys are a day old and cannot be fetched`, async () => {
    const { clock, present, publish } = await begin()
    const token = forge.token({ exp: NOW + 86_000, iat: NOW })
    const later = forge.token({ exp: NOW + 90_000, iat: NOW + 80_000, nbf: NOW })
    expect(await present(token)).toBe('allowed')
    publish({ keys: [] })
    clock.advance(80_000)
    expect(await present(token)).toBe('allowed')
    expect(await present(later)).toBe('allowed')
    clock.advance(6401)
    expect(await present(later)).toBe('keys_unavailable')
  })

  // A vulnerability of lua-resty-openidc 1.9.0.
  test(`K03 on ${host.name}, a token that one route allows or refuses is decided again on the next route`, async () => {
    const { present } = await begin()
    const token = forge.token({ scope: `${READ} ${WRITE}`, consumer: { authority: 'a', ID: 'b' } })
    expect(await present(token, '/write')).toBe('consumer_not_allowed')
    expect(await present(token, '/read')).toBe('allowed')
    expect(await present(token, '/audience')).toBe('wrong_audience')
    expect(await present(token, '/ruled')).toBe('not_authorized')
    expect(await present(token, '/read')).toBe('allowed')
  })

  test(`K05 on ${host.name}, a token that combines parts of allowed tokens is refused`, async () => {
    const { present } = await begin()
    const [header, payload, signature] = forge.parts()
    const other = forge.token({ jti: 'another' }).split('.')
    expect(await present(forge.token())).toBe('allowed')
    expect(await present(`${header}.${payload}.${other[2]}`)).toBe('bad_signature')
    expect(await present(`${header}.${other[1]}.${signature}`)).toBe('bad_signature')
    expect(await present(forge.forged())).toBe('bad_signature')
    expect(await present(forge.token())).toBe('allowed')
  })

  test(`K06 on ${host.name}, a token that is refused before its nbf is allowed from its nbf on`, async () => {
    const { clock, present } = await begin()
    const token = forge.token({ nbf: NOW + 60, exp: NOW + 120 })
    expect(await present(token)).toBe('not_yet_valid')
    clock.advance(60)
    expect(await present(token)).toBe('allowed')
  })

  test(`K06 on ${host.name}, a token refused for an unknown key is allowed after the key is published`, async () => {
    const { clock, present, publish } = await begin()
    const token = BY_BYSTANDER
    expect(await present(token)).toBe('unknown_key')
    publish(BOTH)
    clock.advance(30)
    expect(await present(token)).toBe('allowed')
  })

  test(`K07 on ${host.name}, another encoding of an allowed token is refused`, async () => {
    const { present } = await begin()
    const token = forge.token()
    expect(await present(token)).toBe('allowed')
    expect(await present(`${token}==`)).toBe('malformed_token')
    expect(await present(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).not.toBe('allowed')
  })

  test(`C12 on ${host.name}, after a step of the wall clock, a decision depends only on the new time`, async () => {
    const { clock, present, fetches } = await begin()
    const token = forge.token()
    expect(await present(token)).toBe('allowed')
    const before = fetches()
    clock.set((NOW + 3600) * 1000)
    expect(await present(token)).toBe('expired')
    clock.set((NOW - 3600) * 1000)
    expect(await present(token)).toBe('issued_in_future')
    clock.set(NOW * 1000)
    expect(await present(token)).toBe('allowed')
    // A step forward can mean that the process was suspended, so the validator fetches the keys again after
    // each of the two steps forward.
    expect(fetches()).toBe(before + 2)
  })

  test(`J10 on ${host.name}, after a key rotation, tokens of the old key and of the new key are allowed`, async () => {
    const { present, publish } = await begin()
    const old = forge.token()
    const fresh = BY_BYSTANDER
    expect(await present(old)).toBe('allowed')
    publish(BOTH)
    expect(await present(fresh)).toBe('allowed')
    expect(await present(old)).toBe('allowed')
  })

  test(`J11 on ${host.name}, a token is refused after a refresh without its key, even if the token was allowed before`, async () => {
    const { present, publish, refresh } = await begin({ keys: BOTH })
    const token = forge.token({ exp: NOW + 86_400 })
    for (let time = 0; time < 5; time++) expect(await present(token)).toBe('allowed')
    publish({ keys: [bystander.jwk] })
    await refresh()
    for (let time = 0; time < 5; time++) expect(await present(token)).toBe('unknown_key')
  })

  // CVE-2025-22149 (jwkset).
  test(`J11 on ${host.name}, a token is refused after an unknown kid caused a fetch of keys that lack its key`, async () => {
    const { present, publish } = await begin({ keys: BOTH })
    const token = forge.token()
    expect(await present(token)).toBe('allowed')
    publish({ keys: [bystander.jwk] })
    expect(await present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
    expect(await present(token)).toBe('unknown_key')
  })

  test(`J12 on ${host.name}, a token is refused after two keys share its kid, even if the token was allowed before`, async () => {
    const { present, publish, refresh } = await begin()
    const token = forge.token({ exp: NOW + 86_400 })
    expect(await present(token)).toBe('allowed')
    publish({
      keys: [known.jwk, { ...other.jwk, kid: known.jwk.kid }, bystander.jwk],
    })
    await refresh()
    expect(await present(token)).toBe('unusable_key')
  })

  test(`J14 on ${host.name}, if no keys can be loaded at first, a token gets 503 until the keys are loaded`, async () => {
    const { clock, present, publish } = await begin({ keys: { keys: [] } })
    const token = forge.token()
    expect(await present(token)).toBe('keys_unavailable')
    publish({ keys: [known.jwk] })
    clock.advance(2)
    expect(await present(token)).toBe('allowed')
  })
})
