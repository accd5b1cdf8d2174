/** What every contestant is told, and how much of everything a run does. */

export const ISSUER = 'https://test.maskinporten.no/'
export const AUDIENCE = 'https://api.example.no'
export const SCOPE = 'nav:bench.read'
/** The consumer of the mock's tokens. */
export const CONSUMER = '314330897'

/** How many scopes the tokens of the scope series have, and how long those of the size series are. */
export const SCOPE_COUNTS = [1, 3, 10, 30, 100, 300]
export const TOKEN_SIZES = [1000, 2000, 4000, 8000, 16_000]
export const KEY_COUNTS = [1, 2, 5, 10, 20, 50]
export const RULE_COUNTS = [1, 10, 100]

/** Tokens that no reader should accept, by what is wrong with their spelling. */
export const MISSPELT = ['no dots', 'two parts', 'wrong character', 'padded', 'header is no JSON']

const USUAL = {
  /** Rounds that count, and rounds before them that warm the compiler up. */
  rounds: 15,
  warmUp: 2,
  /** How many good tokens are signed. */
  tokens: 50_000,
  /** How long a block of calls with known tokens lasts, in milliseconds: the quicker a call, the more of them. */
  hotTime: 40,
  /** How many such blocks a round has of each contestant, in turns. */
  hotTurns: 4,
  /** With the calls before each block, no more in all rounds than there are tokens. */
  coldCalls: 1200,
  /** Calls with new tokens before each block of them. */
  coldWarmUp: 200,
  refusedCalls: { misspelt: 2000, other: 500 },
  /**
   * `generations` of processes; `turns`: how often in each round what the bars compare is measured, with known and
   * with new tokens. The warm-up requests go before each block.
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
  /** `runs` of new processes, of which the best counts; `calls` in each round. */
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
  /** A million tokens are minutes of signing once a day, and a gigabyte in the temporary folder. */
  full: {
    ...USUAL,
    tokens: 1_000_000,
    scaling: { ...USUAL.scaling, counts: [...USUAL.scaling.counts, 100_000, 1_000_000] },
    seen: [100, 1000, 10_000, 100_000, 1_000_000],
  },
  /** Only shows that everything works: its figures mean nothing. */
  smoke: {
    rounds: 1,
    warmUp: 0,
    tokens: 1200,
    hotTime: 1,
    hotTurns: 1,
    coldCalls: 64,
    coldWarmUp: 0,
    refusedCalls: { misspelt: 50, other: 50 },
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
