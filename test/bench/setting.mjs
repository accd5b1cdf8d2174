/** The settings of every contestant, and the sizes of a run. */

export const ISSUER = 'https://test.maskinporten.no/'
export const AUDIENCE = 'https://api.example.no'
export const SCOPE = 'nav:bench.read'
/** The consumer of the mock's tokens. */
export const CONSUMER = '314330897'

/** The numbers of scopes in the scope series, and the token lengths in the size series. */
export const SCOPE_COUNTS = [1, 3, 10, 30, 100, 300]
export const TOKEN_SIZES = [1000, 2000, 4000, 8000, 16_000]
export const KEY_COUNTS = [1, 2, 5, 10, 20, 50]
export const RULE_COUNTS = [1, 10, 100]

/** Malformed tokens, by their error. */
export const MALFORMED = ['no dots', 'two parts', 'wrong character', 'padded', 'header is no JSON']

const USUAL = {
  /** Measured rounds, and warm-up rounds before them. */
  rounds: 15,
  warmUp: 2,
  /** The number of signed valid tokens. */
  tokens: 50_000,
  /**
   * Duration of a block of calls with cached tokens, in milliseconds. A block of faster calls contains more of
   * them.
   */
  hotTime: 40,
  /** The number of these blocks per contestant in a round, alternating. */
  hotTurns: 4,
  /**
   * Calls with new tokens per round. Over all rounds, these and the calls before each block must not exceed
   * `tokens`.
   */
  coldCalls: 1200,
  /** Unmeasured calls with new tokens before each block. */
  coldWarmUp: 200,
  refusedCalls: { malformed: 2000, other: 500 },
  /**
   * `generations` of processes; `turns`: the measurements per round of the figures behind the bars, with cached and with
   * new tokens. Warm-up requests precede each block.
   */
  http: {
    generations: 3,
    rounds: 3,
    warmUp: 1,
    turns: { known: 8, new: 2 },
    requests: 2000,
    warmUpRequests: 500,
    newTokens: 1500,
    warmUpNewTokens: 500,
    live: [1, 100, 10_000],
  },
  scaling: { rounds: 5, warmUp: 1, calls: 10_000, counts: [1, 10, 100, 1000, 10_000] },
  seen: [100, 1000, 10_000, 20_000],
  flood: { rounds: 3, seconds: 1, badPerSecond: 1500, goodPerSecond: 100 },
  /** `runs` in new processes, of which the best counts; `calls` in each round. */
  texas: {
    runs: 3,
    rounds: 7,
    warmUp: 1,
    calls: 600,
    flood: { callers: 50, pause: 20, seconds: 3 },
  },
  startUp: { rounds: 7 },
}

export const PLANS = {
  usual: USUAL,
  /** A million tokens take minutes to sign once a day, and a gigabyte in the temporary folder. */
  full: {
    ...USUAL,
    tokens: 1_000_000,
    scaling: { ...USUAL.scaling, counts: [...USUAL.scaling.counts, 100_000, 1_000_000] },
    seen: [100, 1000, 10_000, 100_000, 1_000_000],
  },
  /** Only shows that everything works. Its figures are meaningless. */
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
      requests: 32,
      warmUpRequests: 32,
      newTokens: 32,
      warmUpNewTokens: 32,
      live: [1, 100],
    },
    scaling: { rounds: 1, warmUp: 0, calls: 100, counts: [1, 10, 100, 1000] },
    seen: [100, 1000],
    flood: { rounds: 1, seconds: 0.1, badPerSecond: 500, goodPerSecond: 100 },
    texas: {
      runs: 1,
      rounds: 1,
      warmUp: 0,
      calls: 64,
      flood: { callers: 2, pause: 20, seconds: 0.1 },
    },
    startUp: { rounds: 1 },
  },
}
