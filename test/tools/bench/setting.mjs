/** The settings that all contestants share, and the sizes of a run. */

export const ISSUER = 'https://test.maskinporten.no/'
export const AUDIENCE = 'https://api.example.no'
export const SCOPE = 'nav:bench.read'
/** The consumer of the mock's tokens. */
export const CONSUMER = '314330897'

/** The numbers of scopes in the scope series, and the token lengths in the size series. */
export const SCOPE_COUNTS = [1, 3, 10, 30, 100, 300]
export const TOKEN_SIZES = [1000, 2000, 4000, 8000, 16_000]
/** Lengths of Authorization values in characters. The longest exceeds `maxTokenLength`, which is 16,384. */
export const HEADER_LENGTHS = [1000, 2000, 4000, 8000, 16_000, 32_000]
export const KEY_COUNTS = [1, 2, 5, 10, 20, 50]
export const RULE_COUNTS = [1, 10, 100]

/** Malformed tokens, by their error. */
export const MALFORMED = ['no dots', 'two parts', 'wrong character', 'padded', 'header is no JSON']

/**
 * The name of the set of tokens with a bad signature and the `kid` of a key of 8192 bits, the largest that
 * Portvakt accepts.
 */
export const LARGE = 'bad signature, 8192 bits'
/** The `kid` of that key. */
export const LARGE_KEY = 'large'

/** The names of the figures for a cached and for a new token in the HTTP part. */
export const KNOWN = '100 live'
export const NEW = 'always new'

const USUAL = {
  /** The number of measured rounds, and of warm-up rounds before them. */
  rounds: 15,
  warmUp: 2,
  /** The number of signed valid tokens. */
  tokens: 50_000,
  /**
   * Duration of a block of calls with cached tokens, in milliseconds. Faster calls make a block contain more
   * calls.
   */
  hotTime: 40,
  /** The number of blocks with cached tokens per contestant in a round. The contestants alternate. */
  hotTurns: 4,
  /**
   * Number of calls with new tokens per round. The sum of `coldCalls` and `coldWarmUp` over all rounds must
   * not exceed `tokens`.
   */
  coldCalls: 1200,
  /** Number of unmeasured calls with new tokens before each block. */
  coldWarmUp: 200,
  refusedCalls: { malformed: 2000, other: 500 },
  /**
   * `generations` counts the generations of processes (see parts/http.mjs). `turns` counts the measurements
   * for the bars in a round, with known and with new tokens. Warm-up requests precede each block. `blockTime`
   * is the server's CPU time in a block with known tokens, in milliseconds. Linux divides CPU time into user
   * and system by samples, here one in 4 ms, so a short block says little about user CPU. `verifications`
   * counts the bare verifications in a block.
   */
  http: {
    generations: 3,
    rounds: 3,
    warmUp: 1,
    turns: { known: 5, new: 2 },
    blockTime: 150,
    warmUpRequests: 500,
    newTokens: 1500,
    warmUpNewTokens: 500,
    live: [100, 10_000],
    verifications: 1000,
  },
  scaling: { rounds: 5, warmUp: 1, calls: 10_000, counts: [1, 10, 100, 1000, 10_000] },
  seen: [100, 1000, 10_000, 20_000],
  fields: { rounds: 7, warmUp: 1, calls: 200 },
  flood: { rounds: 3, seconds: 1, badPerSecond: 5000, largePerSecond: 1000, goodPerSecond: 100 },
  /**
   * `runs` counts the runs, each in new processes. The best run is used. `calls` counts the calls in each
   * round.
   */
  texas: { runs: 3, rounds: 7, warmUp: 1, calls: 600, flood: { callers: 50, pause: 20, seconds: 3 } },
  startUp: { rounds: 7 },
  /** `mints` counts the tokens that a round fetches, and `hits` the tokens that it reads from the cache. */
  client: { rounds: 7, warmUp: 1, mints: 300, hits: 100_000, commands: { rounds: 15, warmUp: 1 } },
}

export const PLANS = {
  usual: USUAL,
  /**
   * Signs a million tokens, which takes minutes and a gigabyte of temporary storage. Runs in the next 22
   * hours reuse the tokens.
   */
  full: {
    ...USUAL,
    tokens: 1_000_000,
    scaling: { ...USUAL.scaling, counts: [...USUAL.scaling.counts, 100_000, 1_000_000] },
    seen: [100, 1000, 10_000, 100_000, 1_000_000],
  },
  /** A short run that only shows that everything works. Its figures are meaningless. */
  smoke: {
    rounds: 1,
    warmUp: 0,
    tokens: 1200,
    hotTime: 1,
    hotTurns: 1,
    coldCalls: 64,
    coldWarmUp: 0,
    refusedCalls: { malformed: 50, other: 50 },
    http: {
      generations: 1,
      rounds: 1,
      warmUp: 0,
      turns: { known: 1, new: 1 },
      blockTime: 1,
      warmUpRequests: 32,
      newTokens: 32,
      warmUpNewTokens: 32,
      live: [100],
      verifications: 32,
    },
    scaling: { rounds: 1, warmUp: 0, calls: 100, counts: [1, 10, 100, 1000] },
    seen: [100, 1000],
    fields: { rounds: 1, warmUp: 0, calls: 20 },
    flood: { rounds: 1, seconds: 0.1, badPerSecond: 500, largePerSecond: 100, goodPerSecond: 100 },
    texas: { runs: 1, rounds: 1, warmUp: 0, calls: 64, flood: { callers: 2, pause: 20, seconds: 0.1 } },
    startUp: { rounds: 1 },
    client: { rounds: 1, warmUp: 0, mints: 16, hits: 1000, commands: { rounds: 1, warmUp: 0 } },
  },
}
