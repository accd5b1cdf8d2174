import { type Clock, systemClock } from './clock.js'
import type { SignatureAlgorithm } from './compact-jws.js'
import type { DecisionListener } from './decision.js'
import type { DenialBody } from './denial.js'
import type { Fetch } from './fetch-json.js'
import { ISSUER_OPTIONS, type IssuerOptions, keySourceFor } from './issuer.js'
import type { KeyTiming } from './key-set.js'
import type { KeySource } from './key-source.js'
import { functionOrAbsent, numberBetween, stringList, takeOptions } from './options.js'
import { prepareAudience } from './requirement.js'

/** How a validator decides. Every member has a safe default; read once, at construction. */
export interface MaskinportenValidatorOptions extends IssuerOptions {
  /**
   * Accepted audiences (absolute URIs, compared exactly). Left out, `aud` is not checked, as Maskinporten only
   * sets it on request; given, a token without one of these is refused.
   */
  readonly audience?: string | readonly string[]
  /** Accepted signature algorithms. Default RS256, RS384 and RS512, the three that Digdir documents. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Seconds by which our clock and Maskinporten's may differ, 0–300. Default 10, its own figure for grants. */
  readonly clockTolerance?: number
  /** Longest accepted lifetime of a token (`exp - iat`), in seconds. Default 86400; tokens live 30–120 s. */
  readonly maxTokenLifetime?: number
  /** Longest accepted token, in bytes, 1024–65536. Default 16384. */
  readonly maxTokenLength?: number
  /** How keys are kept, in seconds; each member has its own default. */
  readonly keys?: Partial<KeyTiming>
  /** The protection space named in challenges. Default `maskinporten`. */
  readonly realm?: string
  /** Replaces the body of refusals: see {@link DenialBody}. */
  readonly denialBody?: DenialBody
  /** Is told of every decision: see {@link DecisionListener}. */
  readonly onDecision?: DecisionListener
  /** Used for keys and metadata instead of the global `fetch`, for example with a proxy or a private CA. */
  readonly fetch?: Fetch
  /** Time, for tests. Default the system's. */
  readonly clock?: Clock
  /** From 0 to 1, for jitter. Default `Math.random`: nothing secret depends on it. */
  readonly random?: () => number
}

/** A configuration that was checked as a whole. */
export interface Config {
  readonly source: KeySource
  readonly audience: readonly string[] | undefined
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly clockTolerance: number
  readonly maxTokenLifetime: number
  readonly maxTokenLength: number
  readonly timing: KeyTiming
  readonly realm: string
  readonly denialBody: DenialBody | undefined
  readonly onDecision: DecisionListener | undefined
  readonly clock: Clock
  readonly random: () => number
}

const OPTIONS = [
  ...ISSUER_OPTIONS,
  'audience',
  'algorithms',
  'clockTolerance',
  'maxTokenLifetime',
  'maxTokenLength',
  'keys',
  'realm',
  'denialBody',
  'onDecision',
  'fetch',
  'clock',
  'random',
] as const satisfies readonly (keyof MaskinportenValidatorOptions)[]

const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512']

/** @throws {TypeError} naming the option or variable, and what it must be */
export function readConfig(options: MaskinportenValidatorOptions): Config {
  const taken = takeOptions(options, OPTIONS, 'createMaskinportenValidator')
  // Defaults stand in for what is left out; anything else, null included, is checked.
  const { clock = systemClock, algorithms = ALGORITHMS, realm = 'maskinporten', keys = {} } = taken
  const { clockTolerance = 10, maxTokenLifetime = DAY, maxTokenLength = 16_384, random = Math.random } = taken
  const accepted = stringList(algorithms, isAlgorithm, ALGORITHMS.join(', '), 'algorithms')
  const fetch = functionOrAbsent(taken.fetch, 'fetch')
  return Object.freeze({
    source: keySourceFor(taken, accepted, readClock(clock), fetch),
    audience: taken.audience === undefined ? undefined : prepareAudience(taken.audience),
    algorithms: accepted,
    clockTolerance: numberBetween(clockTolerance, 0, 300, 'clockTolerance'),
    maxTokenLifetime: numberBetween(maxTokenLifetime, 1, 366 * DAY, 'maxTokenLifetime'),
    maxTokenLength: numberBetween(maxTokenLength, 1024, 65_536, 'maxTokenLength'),
    timing: readTiming(keys),
    realm: readRealm(realm),
    denialBody: functionOrAbsent(taken.denialBody, 'denialBody'),
    onDecision: functionOrAbsent(taken.onDecision, 'onDecision'),
    clock,
    random: functionOrAbsent(random, 'random'),
  })
}

const DAY = 86_400

function isAlgorithm(value: unknown): value is SignatureAlgorithm {
  return ALGORITHMS.some((algorithm) => algorithm === value)
}

function readTiming(options: Partial<KeyTiming>): KeyTiming {
  const names = ['freshFor', 'waitAfter', 'waitAtMost', 'keepFor', 'unknownKeyCooldown', 'deadline'] as const
  const taken = takeOptions(options, names, '`keys`')
  const { freshFor = 600, waitAfter = Math.max(900, freshFor), keepFor = Math.max(DAY, waitAfter) } = taken
  const { waitAtMost = 1, unknownKeyCooldown = 30, deadline = 5 } = taken
  return Object.freeze({
    freshFor: numberBetween(freshFor, 1, DAY, 'keys.freshFor'),
    waitAfter: numberBetween(waitAfter, freshFor, 7 * DAY, 'keys.waitAfter'),
    waitAtMost: numberBetween(waitAtMost, 0, 30, 'keys.waitAtMost'),
    keepFor: numberBetween(keepFor, waitAfter, 7 * DAY, 'keys.keepFor'),
    unknownKeyCooldown: numberBetween(unknownKeyCooldown, 1, DAY, 'keys.unknownKeyCooldown'),
    deadline: numberBetween(deadline, 0.1, 30, 'keys.deadline'),
  })
}

/** RFC 9110 §5.6.4: what a quoted string may hold without escaping. */
function readRealm(realm: unknown): string {
  if (typeof realm === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(realm)) return realm
  throw new TypeError('`realm` must be printable ASCII without quotes and backslashes')
}

function readClock(clock: Clock): Clock {
  for (const method of ['now', 'elapsed', 'after'] as const) {
    if (typeof clock?.[method] !== 'function') throw new TypeError(`\`clock.${method}\` must be a function`)
  }
  return clock
}
