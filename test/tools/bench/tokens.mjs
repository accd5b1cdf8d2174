import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { startProcess } from '../processes.mjs'
import { randomFrom } from '../random.mjs'

/**
 * Increase this when the signed content changes, so that tokens of an older version of the benchmark are not
 * reused.
 */
const EDITION = 2

/** Tokens are signed again if fewer seconds than this are left of their lifetime of one day. */
const MUST_LAST = 2 * 60 * 60

const HOME = join(tmpdir(), `portvakt-bench-${userInfo().uid}`)

/**
 * Signs the tokens of a plan in a separate process, unless tokens of an earlier run can be used.
 *
 * @returns `{ folder, jwks, sets }`
 */
export async function prepareTokens(plan) {
  const enough = ['full', 'usual', 'smoke'].map(readManifest).find((manifest) => isUsable(manifest, plan))
  if (enough) return enough
  const name = plan.tokens >= 1_000_000 ? 'full' : plan.tokens >= 10_000 ? 'usual' : 'smoke'
  const folder = join(HOME, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(`${folder}.new`, { recursive: true, mode: 0o700 })
  const signer = await startProcess(new URL('./signer.mjs', import.meta.url), {
    folder: `${folder}.new`,
    edition: EDITION,
    count: plan.tokens,
  })
  await signer.stop()
  renameSync(`${folder}.new`, folder)
  return readManifest(name)
}

function readManifest(name) {
  const folder = join(HOME, name)
  try {
    return { folder, ...JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) }
  } catch {
    return undefined
  }
}

function isUsable(manifest, plan) {
  return (
    manifest?.edition === EDITION &&
    manifest.sets.good.count >= plan.tokens &&
    manifest.expiresAt > Date.now() / 1000 + MUST_LAST
  )
}

/**
 * Reads each token from its file as a new string every time, because a request also brings a new string. A
 * reused string keeps its hash after the first lookup, which would make every cache look faster.
 */
export class TokenFiles {
  #tokens
  #files = new Map()

  constructor(tokens) {
    this.#tokens = tokens
  }

  /** The length of each token, in characters. */
  length(set) {
    return this.#tokens.sets[set].length
  }

  /**
   * @param set the name of a set
   * @param indexes the positions in the set of the tokens to read
   * @param prefix text before each token, such as `Bearer `
   */
  fresh(set, indexes, prefix = '') {
    const { length, count } = this.#tokens.sets[set]
    const file = this.#open(set)
    const buffer = Buffer.alloc(prefix.length + length)
    buffer.write(prefix, 'latin1')
    return Array.from(indexes, (index) => {
      if (index >= count) throw new Error(`${set} has only ${count} tokens`)
      readSync(file, buffer, prefix.length, length, index * length)
      return buffer.latin1Slice()
    })
  }

  close() {
    for (const file of this.#files.values()) closeSync(file)
    this.#files.clear()
  }

  #open(set) {
    const known = this.#files.get(set)
    if (known !== undefined) return known
    const file = openSync(join(this.#tokens.folder, this.#tokens.sets[set].file), 'r')
    this.#files.set(set, file)
    return file
  }
}

/** Yields `count` numbers from `from` on. Starts again at `from` after every `live` numbers. */
export function* inTurn(count, { from = 0, live = count } = {}) {
  for (let index = 0; index < count; index++) yield from + (index % live)
}

/** Yields `count` pseudo-random numbers below `live`. The same seed yields the same numbers. */
export function* atRandom(count, live, seed = 0) {
  const random = randomFrom(seed)
  for (let index = 0; index < count; index++) yield Math.floor(random() * live)
}
