import type { Authorization, MaskinportenReason } from '@portvakt/core'
import { MaskinportenError } from '@portvakt/core'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { outboundDuring } from './egress.js'
import { Forge } from './forge.js'
import { type Prepared, prepare } from './stage.js'

const forge = new Forge()
let usual: Prepared
beforeAll(async () => {
  usual = await prepare(forge)
})

async function reasonFor(
  authorization: unknown,
  { validator } = usual,
): Promise<MaskinportenReason | 'let in'> {
  const decision = await validator.decide(authorization as Authorization, READ)
  return decision.allowed ? 'let in' : decision.denial.reason
}

describe('what no wire can carry', () => {
  test.each<[string, unknown, MaskinportenReason]>([
    ['H07 nothing', undefined, 'no_credentials'],
    ['H07 null', null, 'no_credentials'],
    ['H07 no value at all', [], 'no_credentials'],
    ['H07 a number', 1, 'ambiguous_credentials'],
    ['H07 true', true, 'ambiguous_credentials'],
    ['H07 a symbol', Symbol('Bearer x'), 'ambiguous_credentials'],
    [
      'H07 an object that becomes text',
      { toString: () => `Bearer ${forge.token()}` },
      'ambiguous_credentials',
    ],
    ['H07 a boxed string', Object(`Bearer ${forge.token()}`), 'ambiguous_credentials'],
    ['H07 a function', () => `Bearer ${forge.token()}`, 'ambiguous_credentials'],
    ['H07 a list of a list', [[`Bearer ${forge.token()}`]], 'ambiguous_credentials'],
    ['H07 a list with a number', [1], 'ambiguous_credentials'],
    ['H07 a list with a hole', new Array(1), 'ambiguous_credentials'],
    [
      'H07 a good value twice',
      [`Bearer ${forge.token()}`, `Bearer ${forge.token()}`],
      'ambiguous_credentials',
    ],
    ['H05 a newline in the token', `Bearer ${forge.token()}\n`, 'malformed_token'],
    ['H05 a NUL in the token', `Bearer ${forge.token()}\0`, 'malformed_token'],
    ['H05 a line separator in the token', `Bearer ${forge.token()}\u2028`, 'malformed_token'],
    ['H05 a newline in place of the space', `Bearer\n${forge.token()}`, 'malformed_token'],
    ['H05 a vertical tab in place of the space', `Bearer\v${forge.token()}`, 'malformed_token'],
    ['H05 a zero-width space before the scheme', `\u200bBearer ${forge.token()}`, 'other_scheme'],
    [
      'H05 a dotless letter that capitals make ours',
      `Bearer ${forge.token()}`.replace('e', 'ē'),
      'other_scheme',
    ],
    ['D01 a token of 16 KiB and one', `Bearer ${'A'.repeat(16_385)}`, 'token_too_large'],
    ['D01 a token of 1 MB', `Bearer ${'A'.repeat(1_000_000)}`, 'token_too_large'],
    [
      'D01 a token of 10 MB in the right form',
      `Bearer ${'A'.repeat(4)}.${'A'.repeat(10_000_000)}.AAAA`,
      'token_too_large',
    ],
    ['D01 ten million spaces', `Bearer ${' '.repeat(10_000_000)}`, 'empty_token'],
    ['D01 ten million spaces before a word', `Bearer ${' '.repeat(10_000_000)}x`, 'malformed_token'],
    ['D01 ten million commas', `Basic ${','.repeat(10_000_000)}`, 'other_scheme'],
  ])('%s is refused', async (_title, authorization, reason) => {
    // Symbols and lists of lists only reach a validator through an adapter that is wrong; it must hold even so.
    expect(await reasonFor(authorization)).toBe(reason)
  })

  it('H07 a token that is no string is refused by `verify` as well', async () => {
    for (const token of [undefined, null, 1, {}, [forge.token()], Object(forge.token()), Symbol('x')]) {
      await expect(usual.validator.verify(token as string, READ)).rejects.toMatchObject({
        reason: 'malformed_token',
      })
    }
  })
})

describe('the largest token that an application can allow', () => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  test.each<[string, string]>([
    ['D02 24,000 arrays', deep(24_000)],
    ['D02 9,000 objects', `${'{"":'.repeat(9000)}1${'}'.repeat(9000)}`],
    ['D02 a hundred arrays', deep(100)],
  ])('%s in signed claims are refused, and crash nothing', async (_title, json) => {
    const large = await prepare(forge, { options: { maxTokenLength: 65_536 } })
    expect(await reasonFor(`Bearer ${forge.literal('deep', json)}`, large)).toBe('malformed_token')
  })

  it('D02 8,000 members and a list of 15,000 are let in, and harm nobody', async () => {
    const large = await prepare(forge, { options: { maxTokenLength: 65_536 } })
    const members = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`m${index}`, 1]))
    expect(await reasonFor(`Bearer ${forge.token(members)}`, large)).toBe('let in')
    expect(await reasonFor(`Bearer ${forge.token({ list: new Array(15_000).fill(0) })}`, large)).toBe(
      'let in',
    )
  })
})

describe('every part of a token', () => {
  it('S05 is signed: whichever of its characters changes, nobody gets in', async () => {
    const token = forge.token()
    const reasons = new Set<string>()
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      reasons.add(await reasonFor(`Bearer ${token.slice(0, at)}${other}${token.slice(at + 1)}`))
    }
    expect([...reasons]).not.toContain('let in')
    expect([...reasons]).toContain('bad_signature')
  })

  it('S05 is needed: however much is cut off, from either end, nobody gets in', async () => {
    const token = forge.token()
    for (let at = 1; at < token.length; at++) {
      expect(await reasonFor(`Bearer ${token.slice(0, -at)}`)).not.toBe('let in')
      expect(await reasonFor(`Bearer ${token.slice(at)}`)).not.toBe('let in')
    }
  })
})

/** One request for each kind of refusal. */
const flood = (): unknown[] => [
  undefined,
  'Basic dTpw',
  `Bearer ${forge.token()}, Bearer ${forge.token()}`,
  'Bearer abc',
  `Bearer ${forge.unsigned(forge.header)}`,
  `Bearer ${forge.forged()}`,
  `Bearer ${forge.token({ exp: 1 })}`,
  `Bearer ${forge.token({ iss: 'https://evil.example/' }, { kid: 'invented' })}`,
  `Bearer ${forge.token({ exp: 1 }, { kid: 'invented' })}`,
  `Bearer ${forge.token({ scope: 'nav:other' })}`,
]

describe('a flood', () => {
  it('H12 of 2,000 refusals of every kind reaches for nothing', async () => {
    const { validator, fetches } = await prepare(forge)
    const kinds = flood()
    const before = fetches()
    const outbound = await outboundDuring(async () => {
      const decisions = await Promise.all(
        Array.from({ length: 2000 }, (_, index) =>
          validator.decide(kinds[index % kinds.length] as string, READ),
        ),
      )
      expect(decisions.filter(({ allowed }) => allowed)).toEqual([])
    })
    expect({ outbound, fetches: fetches() - before }).toEqual({ outbound: [], fetches: 0 })
  })

  it('D05 of 2,000 forged tokens at once leaves the loop free: a timer fires before the last answer', async () => {
    const token = `Bearer ${forge.forged()}`
    let answered = 0
    const all = Promise.all(
      Array.from({ length: 2000 }, async () => {
        const reason = await reasonFor(token)
        answered++
        return reason
      }),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBeLessThan(2000)
    expect(new Set(await all)).toEqual(new Set(['bad_signature']))
  })

  it('K09 of one good token at once, among forged ones of the same claims, lets in the good ones alone', async () => {
    const [good, bad] = [`Bearer ${forge.token()}`, `Bearer ${forge.forged()}`]
    const reasons = await Promise.all(
      Array.from({ length: 400 }, (_, index) => reasonFor(index % 2 ? good : bad)),
    )
    expect(reasons).toEqual(reasons.map((_, index) => (index % 2 ? 'let in' : 'bad_signature')))
  })
})

describe('what a handler is given', () => {
  /** Every object within a value, by its path. */
  /** Own members, and what the accessors of a class give. */
  function membersOf(value: object): readonly string[] {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || Array.isArray(value)) return Object.keys(value)
    const accessors = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([, { get }]) => get)
    return [...Object.keys(value), ...accessors.map(([name]) => name)]
  }

  function* objectsIn(value: unknown, path = 'token'): Generator<[path: string, object]> {
    if (typeof value !== 'object' || value === null) return
    yield [path, value]
    for (const name of membersOf(value)) yield* objectsIn(Reflect.get(value, name), `${path}.${name}`)
  }

  it('K04 cannot be changed, wherever one reaches, so the next request sees what was signed', async () => {
    const supplier = { authority: 'iso6523-actorid-upis', ID: '0192:991825827' }
    const given = forge.token({ supplier, aud: ['https://a.example.no'], nested: { deep: [{ er: [1] }] } })
    const first = await usual.validator.verify(given, READ)
    const before = JSON.stringify(first.claims)
    const paths = [...objectsIn(first)]
    expect(paths.length).toBeGreaterThan(10)
    expect(paths.map(([path]) => path)).toContain('token.claims.nested.deep.0.er')
    for (const [path, object] of paths) {
      expect(Reflect.set(object, 'scope', 'nav:admin'), path).toBe(false)
      expect(
        Reflect.deleteProperty(object, Object.keys(object)[0] ?? 'x') && Object.keys(object).length > 0,
        path,
      ).toBe(false)
      expect(Reflect.setPrototypeOf(object, { scope: 'nav:admin' }), path).toBe(false)
    }
    const second = await usual.validator.verify(given, READ)
    expect(JSON.stringify(second.claims)).toBe(before)
    expect(Object.assign({}, second.claims)['scope']).toBe(READ)
  })
})

describe('the environment', () => {
  it('D03 is as it was: no attack has given every object a member', () => {
    expect(
      Reflect.ownKeys({}.constructor.prototype).sort((a, b) => `${String(a)}`.localeCompare(String(b))),
    ).toEqual(Reflect.ownKeys(Object.prototype).sort((a, b) => `${String(a)}`.localeCompare(String(b))))
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('D03 supplies nothing: a claim of a polluted Object.prototype is not a claim', async () => {
    const names = ['scope', 'consumer', 'exp', 'iat', 'iss', 'aud', 'kid', 'alg']
    const good: Record<string, unknown> = { ...forge.claims, ...forge.header }
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        value: good[name] ?? 'x',
        configurable: true,
        writable: true,
      })
    }
    try {
      for (const claim of ['scope', 'consumer', 'exp', 'iat', 'iss']) {
        expect(await reasonFor(`Bearer ${forge.token({ [claim]: undefined })}`)).toBe('missing_claim')
      }
      expect(await reasonFor(`Bearer ${forge.token({}, { kid: undefined })}`)).toBe('missing_key_id')
      expect(await reasonFor(`Bearer ${forge.token({}, { alg: undefined })}`)).toBe('unsupported_algorithm')
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name)
    }
  })

  it('MaskinportenError is what `verify` throws, for every kind of bad token', async () => {
    for (const value of flood()) {
      if (typeof value !== 'string' || !value.startsWith('Bearer ')) continue
      const error: unknown = await usual.validator
        .verify(value.slice(7), READ)
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(MaskinportenError)
      expect((error as MaskinportenError).cause).toBeUndefined()
    }
  })
})
