import {
  createMaskinportenValidator,
  createTexasValidator,
  type Fetch,
  type MaskinportenValidator,
} from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { type CryptoKey, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { fastest, ROUNDS, type Work } from './cost.js'
import { Forge, ISSUER, NOW } from './forge.js'
import { ANSWERS, AUTHORIZATIONS, SIGNATURES, type Sign, TOKEN_KINDS, type TokenKind } from './growth.js'

/**
 * If a cost grew faster than the length of the input, a caller without a token could block the event loop. The
 * tests compare the fastest of repeated rounds within one run, so that the machine's speed does not matter.
 */

const forge = new Forge()
const FACTORS = [1, 2, 4, 8] as const
/** Bytes of filling at factor 1. At factor 8, a token is nearly as long as the highest `maxTokenLength`. */
const UNIT = 5800
/**
 * The measured cost must be lower than this multiple of the expected cost. The multiple allows for caches and
 * other processes. At factor 8, quadratic work costs 8 times the expected cost.
 */
const SLACK = 4
/** Bytes of filling for a token of 16 KB, the default maximum. */
const AT_16_KB = 11_500
/**
 * Maximum cost of a 16 KB token, as a multiple of one `JSON.parse` of header and payload plus one
 * verification. Signed tokens, which only Maskinporten can create, cost more because their claims are frozen.
 * For 4,000 empty lists, freezing takes three times as long as parsing.
 */
const BARS: Readonly<Record<string, number>> = { 'unknown key': 3, 'bad signature': 3, signed: 4 }

/** A validator that caches one token, so that two alternating tokens are never cached. */
const validator = createMaskinportenValidator({
  issuer: ISSUER,
  jwks: { keys: [forge.known.jwk] },
  clock: createTestClock(NOW * 1000),
  maxTokenLength: 65_536,
  tokenCache: { maxTokens: 1, maxBytes: 2 ** 30 },
})
const decide = (authorization: string) => validator.decide(authorization, READ)
const other = `Bearer ${forge.token()}`

beforeAll(async () => {
  // The warm-up lets V8 compile every path before the measurements.
  const tokens = TOKEN_KINDS.flatMap((kind) =>
    Object.values(SIGNATURES).map((sign) => sign(forge, ...kind.texts(forge, 300))),
  )
  for (let round = 0; round < 30; round++) for (const token of tokens) await decide(`Bearer ${token}`)
})

/**
 * Returns the highest ratio of measured to expected cost. The expected cost grows like the length of the
 * input or, if the cost of `JSON.parse` grows faster, like that cost.
 *
 * @param costs the costs of the requests by factor, followed by the costs of parsing the JSON in those
 *   requests, if measured
 */
function growthOf(costs: readonly number[]): number {
  const count = FACTORS.length
  return Math.max(
    ...FACTORS.map((factor, index) => {
      const parsing = (costs[count + index] ?? 0) / (costs[count] ?? 1)
      return (costs[index] ?? 0) / (costs[0] ?? 1) / Math.max(factor, parsing)
    }),
  )
}

/** Expects that the cost grows no faster than the length of the inputs, or than the cost of parsing tokens. */
async function expectGrowth(works: readonly Work[], tokens: readonly string[] = []): Promise<void> {
  const costs = await fastest([...works, ...tokens.map(parsing)], (best) => growthOf(best) < SLACK)
  expect(growthOf(costs)).toBeLessThan(SLACK)
}

/** Tokens of one kind, one for each factor. */
const tokensOf = (texts: TokenKind['texts'], sign: Sign = SIGNATURES.signed) =>
  FACTORS.map((factor) => sign(forge, ...texts(forge, UNIT * factor)))

/**
 * Work that decides on this Authorization header. Each run gets the header as a new string, with a token that
 * is not in the cache.
 */
function presenting(authorization: string): Work {
  let value = ''
  return {
    async prepare() {
      await decide(other)
      value = Buffer.from(authorization).toString()
    },
    run: () => decide(value),
  }
}

const presentingToken = (token: string) => presenting(`Bearer ${token}`)

/** Parses the parts of a token that are JSON. */
function parsing(token: string): Work {
  const texts = token.split('.', 2).map((part) => Buffer.from(part, 'base64url').toString())
  return {
    run() {
      for (const text of texts) {
        try {
          JSON.parse(text)
        } catch {
          // Some kinds of tokens contain invalid JSON.
        }
      }
    },
  }
}

/** One verification by WebCrypto, which core uses on runtimes without node:crypto. */
function verification(token: string): Work {
  const end = token.lastIndexOf('.')
  const ascii = new TextEncoder()
  return {
    run() {
      const signature = Buffer.from(token.slice(end + 1), 'base64url')
      return crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, ascii.encode(token.slice(0, end)))
    },
  }
}

const figures: { readonly kind: string; readonly cost: number; readonly ratio: number }[] = []
afterAll(() => {
  // Prints the three highest figures or, with PORTVAKT_COSTS=1, every figure, highest first.
  const shown = figures.sort((a, b) => b.ratio - a.ratio).slice(0, process.env['PORTVAKT_COSTS'] ? 1000 : 3)
  const rows = shown.map(
    ({ kind, cost, ratio }) => `${ratio.toFixed(2).padStart(6)} ${cost.toFixed(0).padStart(6)} µs  ${kind}`,
  )
  process.stdout.write(['Cost of a 16 KB token ÷ (JSON.parse + one verification):', ...rows, ''].join('\n'))
})

const key = (await importJWK(forge.known.jwk, 'RS256')) as CryptoKey
describe.each(Object.entries(SIGNATURES))('the cost of a token (%s)', (signature, sign) => {
  test.each(TOKEN_KINDS)(
    `the cost of a token grows no faster than its length (${signature}, $name)`,
    async ({ name, texts }) => {
      const tokens = tokensOf(texts, sign)
      const at16KB = sign(forge, ...texts(forge, AT_16_KB))
      expect(tokens.at(-1)?.length).toBeLessThan(65_536)
      const works = [...tokens.map(presentingToken), ...tokens.map(parsing)]
      const at16KBWorks = [presentingToken(at16KB), parsing(at16KB), verification(at16KB)]
      const ratioOf = (best: readonly number[]) => {
        const [cost = 0, parsed = 0, verified = 0] = best.slice(works.length)
        return cost / (parsed + verified)
      }
      const bar = BARS[signature] ?? 0
      const isEnough = (best: readonly number[]) => growthOf(best) < SLACK && ratioOf(best) < bar
      const best = await fastest([...works, ...at16KBWorks], isEnough)
      figures.push({ kind: `${name} (${signature})`, cost: best[works.length] ?? 0, ratio: ratioOf(best) })
      expect(growthOf(best)).toBeLessThan(SLACK)
      expect(ratioOf(best)).toBeLessThan(bar)
    },
  )
})

test.each(Object.entries(AUTHORIZATIONS))(
  'the cost of an Authorization header grows no faster than its length (%s)',
  (_name, makeValue) =>
    expectGrowth(FACTORS.map((factor) => presenting(makeValue(UNIT * factor, forge.token())))),
)

const METADATA = JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}jwk` })

/** A decision by a validator that fetches its keys first. */
function loading({ metadata = METADATA, jwks = '{"keys":[]}' }: ReturnType<(typeof ANSWERS)[string]>): Work {
  const fetch: Fetch = async (url) => new Response(url.endsWith('/jwk') ? jwks : metadata)
  let fresh: MaskinportenValidator
  return {
    prepare() {
      fresh = createMaskinportenValidator({ issuer: ISSUER, clock: createTestClock(NOW * 1000), fetch })
    },
    run: () => fresh.decide(other, READ),
  }
}

test.each(Object.entries(ANSWERS))(
  'the cost of reading metadata or keys grows no faster than their length (%s)',
  (_name, makeAnswer) => expectGrowth(FACTORS.map((factor) => loading(makeAnswer(UNIT * factor)))),
)

describe('with a Texas validator', () => {
  let [answer, asked] = ['', 0]
  const texas = createTexasValidator({
    issuer: ISSUER,
    jwks: { keys: [forge.known.jwk] },
    introspectionEndpoint: 'http://127.0.0.1:3000/introspect',
    fetch: async () => {
      asked++
      return new Response(answer)
    },
    clock: createTestClock(NOW * 1000),
    maxTokenLength: 65_536,
  })
  /** Decides on a token, to which Texas answers with the claims of another token. */
  const introspecting = (token: string, answered: string): Work => ({
    prepare() {
      const claims = Buffer.from(answered.split('.')[1] ?? '', 'base64url').toString()
      answer = claims.replace('{', '{"active":true,')
    },
    run: () => texas.decide(`Bearer ${token}`, READ),
  })

  test.each(TOKEN_KINDS)(
    'the costs of a token and of an introspection answer grow no faster than their length ($name)',
    async ({ texts }) => {
      const [tokens, valid] = [tokensOf(texts), forge.token()]
      await expectGrowth(
        tokens.map((token) => introspecting(token, valid)),
        tokens,
      )
      asked = 0
      await expectGrowth(
        tokens.map((token) => introspecting(valid, token)),
        tokens,
      )
      expect(asked).toBeGreaterThanOrEqual(FACTORS.length * ROUNDS)
    },
  )
})
