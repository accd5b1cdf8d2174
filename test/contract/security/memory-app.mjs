// Measures the memory that cached tokens use, for each kind of token in the JSON on standard input. Run with
// --expose-gc.
import crypto, { createPrivateKey, sign } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { text } from 'node:stream/consumers'
import { getHeapSnapshot } from 'node:v8'
import { createMaskinportenValidator } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'

const { issuer, jwk, pem, now, scope, maxBytes, kinds } = JSON.parse(await text(process.stdin))
const privateKey = createPrivateKey(pem)

/** An Authorization header with a token for this index. Each index has a different token and `exp`. */
function headerOf({ header, payload, prefix = '' }, index) {
  const claims = payload
    .replace('"jti":"', `"jti":"${index}-`)
    .replace(`"exp":${now + 120}`, `"exp":${now + 120 + index}`)
  const signed = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url')
  return { value: Buffer.from(`Bearer ${prefix}${signed}.${signature}`).toString(), signature }
}

function validatorWith(clock, tokenCache) {
  return createMaskinportenValidator({
    issuer,
    jwks: { keys: [jwk] },
    clock,
    tokenCache,
    maxTokenLength: 65_536,
  })
}

let verifications = 0
const { verify } = crypto
crypto.verify = (...given) => {
  verifications++
  return verify(...given)
}
syncBuiltinESMExports()

function collectGarbage() {
  for (let time = 0; time < 3; time++) globalThis.gc()
}

function heap() {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/**
 * Measures the growth of the heap while a cache fills to its bound, and whether the cache keeps the last
 * token.
 */
async function measure(kind) {
  const clock = createTestClock(now * 1000)
  const validator = validatorWith(clock, { maxTokens: 10_000, maxBytes })
  // Each token is presented twice, because its claims are cached from the second use on.
  const present = async (index) => {
    const { value } = headerOf(kind, index)
    for (let time = 0; time < 2; time++) {
      const { allowed } = await validator.decide(Buffer.from(value).toString(), scope)
      if (!allowed) throw new Error(`A token is refused: ${kind.name}`)
    }
    const before = verifications
    await validator.decide(value, scope)
    return verifications === before
  }
  // The warm-up creates compiled code and one-time objects. The tokens of the warm-up then expire and leave
  // the cache.
  for (let index = -3; index < 0; index++) await present(index)
  clock.advance(1000)
  clock.set(now * 1000)
  const before = heap()
  let isKept = false
  for (let index = 0; index < kind.count; index++) isKept = await present(index)
  const grown = heap() - before
  // Using the validator here keeps its cache in memory during the measurement.
  return { grown, isKept, usable: validator.health().usable }
}

/** Returns whether a token is in memory before and after it expires. No request is made in between. */
async function remains(kind) {
  const clock = createTestClock(now * 1000)
  const validator = validatorWith(clock, {})
  const mark = await presentOnce(validator, kind)
  const before = await isInMemory(mark)
  clock.advance(120)
  return { before, after: await isInMemory(mark), usable: validator.health().usable }
}

/**
 * Presents a token twice. Returns part of its signature in a `Buffer`: a heap snapshot shows strings, but not
 * the bytes in buffers.
 */
async function presentOnce(validator, kind) {
  const { value, signature } = headerOf(kind, 0)
  for (let time = 0; time < 2; time++) await validator.decide(value, scope)
  return Buffer.from(signature.slice(100, 160))
}

async function isInMemory(mark) {
  collectGarbage()
  let rest = Buffer.alloc(0)
  for await (const chunk of getHeapSnapshot()) {
    rest = Buffer.concat([rest.subarray(-mark.length), chunk])
    if (rest.includes(mark)) return true
  }
  return false
}

const results = {}
for (const kind of kinds) {
  // Repeats a measurement above the bound: compiled code and object shapes take memory only the first time,
  // but the cache takes memory every time.
  for (let time = 0; time < 3; time++) {
    results[kind.name] = await measure(kind)
    if (results[kind.name].grown <= maxBytes) break
  }
}
process.stdout.write(JSON.stringify({ results, remains: await remains(kinds[0]) }))
