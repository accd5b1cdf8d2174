import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createMaskinportenValidator } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { beforeAll, expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, NOW } from './forge.js'
import { TOKEN_KINDS } from './growth.js'

const forge = new Forge()
const MAX_BYTES = 2 ** 20
/** Bytes of filling, for tokens of 16 KB. */
const FILLING = 11_500

interface Kind {
  readonly name: string
  readonly header: string
  readonly payload: string
  /** Text that the Authorization header has between the scheme and the token. */
  readonly prefix?: string
  /** The number of tokens, which must exceed the capacity of the cache. */
  readonly count: number
}

const [header, payload] = [JSON.stringify(forge.header), JSON.stringify(forge.claims)]
const filled = TOKEN_KINDS.map(({ name, texts }): Kind => {
  const [head, claims] = texts(forge, FILLING)
  // Adds the required scope to the filling's scopes.
  return { name, header: head, payload: claims.replaceAll('"scope":"', `"scope":"${READ} `), count: 60 }
})
const validator = createMaskinportenValidator({
  issuer: ISSUER,
  jwks: { keys: [forge.known.jwk] },
  clock: createTestClock(NOW * 1000),
  maxTokenLength: 65_536,
})
const decisions = await Promise.all(
  filled.map((kind) => validator.decide(`Bearer ${forge.raw(kind.header, kind.payload)}`, READ)),
)
/** Only accepted tokens, because refused tokens are not cached. */
const KINDS: readonly Kind[] = [
  { name: 'usual tokens', header, payload, count: 240 },
  { name: 'usual tokens after many spaces', header, payload, prefix: ' '.repeat(14_000), count: 240 },
  ...filled.filter((_, index) => decisions[index]?.allowed),
]

interface Measured {
  /** The measurements by kind of token. */
  readonly results: Readonly<Record<string, { readonly grown: number; readonly isKept: boolean }>>
  readonly remains: { readonly before: boolean; readonly after: boolean }
}

let measured: Measured
beforeAll(async () => {
  const input = {
    issuer: ISSUER,
    jwk: forge.known.jwk,
    pem: forge.known.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    now: NOW,
    scope: READ,
    maxBytes: MAX_BYTES,
    kinds: KINDS,
  }
  const app = fileURLToPath(new URL('./memory-app.mjs', import.meta.url))
  measured = await new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['--expose-gc', app], { maxBuffer: 2 ** 26 }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    )
    child.stdin?.end(JSON.stringify(input))
  })
}, 300_000)

test.each(KINDS)('a cache full of tokens ($name) uses at most `maxBytes` of memory', ({ name }) => {
  expect(measured.results[name]?.grown).toBeLessThanOrEqual(MAX_BYTES)
  expect(measured.results[name]?.isKept).toBe(true)
})

it('the memory of the cache is measured with more than 40 kinds of tokens', () => {
  expect(KINDS.length).toBeGreaterThan(40)
})

it('an expired token is removed from memory without a further request', () => {
  expect(measured.remains).toMatchObject({ before: true, after: false })
})
