// Run with --expose-gc: what verified tokens occupy in memory, for kinds of tokens that come on standard input.
import { createPrivateKey, sign } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { getHeapSnapshot } from 'node:v8'
import { createMaskinportenValidator } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'

const { issuer, jwk, pem, now, scope, maxBytes, kinds } = JSON.parse(await text(process.stdin))
const privateKey = createPrivateKey(pem)

/** An Authorization header with the token of an index: no two are the same, or expire in the same second. */
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
const { verify } = crypto.subtle
crypto.subtle.verify = function (...given) {
  verifications++
  return verify.apply(this, given)
}

function heap() {
  for (let time = 0; time < 3; time++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** How much the heap grows while a cache is filled to its bound, and whether it has the last token. */
async function measure(kind) {
  const clock = createTestClock(now * 1000)
  const validator = validatorWith(clock, { maxTokens: 10_000, maxBytes })
  // Each token twice, as what it says is kept from its second use on.
  const present = async (index) => {
    const { value } = headerOf(kind, index)
    for (let time = 0; time < 2; time++) {
      const { allowed } = await validator.decide(Buffer.from(value).toString(), scope)
      if (!allowed) return undefined
    }
    const before = verifications
    await validator.decide(value, scope)
    return verifications === before
  }
  // Code and everything that is made once; then nothing is left of these tokens.
  for (let index = -3; index < 0; index++) if ((await present(index)) === undefined) return undefined
  clock.advance(1000)
  clock.set(now * 1000)
  const before = heap()
  let isKept = false
  for (let index = 0; index < kind.count; index++) isKept = await present(index)
  const grown = heap() - before
  // Keeps the cache in memory until now.
  return { grown, isKept, usable: validator.health().usable }
}

/** Whether a token is anywhere in memory: before it expires, and after that without any request. */
async function remains(kind) {
  const clock = createTestClock(now * 1000)
  const validator = validatorWith(clock, {})
  const mark = await presentOnce(validator, kind)
  const before = await isInMemory(mark)
  clock.advance(120)
  return { before, after: await isInMemory(mark), usable: validator.health().usable }
}

/** Returns a part of the signature as bytes, which a heap snapshot does not hold. */
async function presentOnce(validator, kind) {
  const { value, signature } = headerOf(kind, 0)
  for (let time = 0; time < 2; time++) await validator.decide(value, scope)
  return Buffer.from(signature.slice(100, 160))
}

async function isInMemory(mark) {
  for (let time = 0; time < 3; time++) globalThis.gc()
  let rest = Buffer.alloc(0)
  for await (const chunk of getHeapSnapshot()) {
    rest = Buffer.concat([rest.subarray(-mark.length), chunk])
    if (rest.includes(mark)) return true
  }
  return false
}

const results = {}
for (const kind of kinds) {
  // Compiled code and shapes of objects also take memory, once. What the cache takes, it takes every time.
  for (let time = 0; time < 3; time++) {
    results[kind.name] = await measure(kind)
    if (!(results[kind.name]?.grown > maxBytes)) break
  }
}
process.stdout.write(JSON.stringify({ results, remains: await remains(kinds[0]) }))

// A token that lives for another hour keeps no process running: this one ends now.
const fresh = Math.floor(Date.now() / 1000)
const live = kinds[0].payload
  .replace(`"exp":${now + 120}`, `"exp":${fresh + 3600}`)
  .replace(`"iat":${now}`, `"iat":${fresh}`)
const real = createMaskinportenValidator({ issuer, jwks: { keys: [jwk] } })
const { allowed } = await real.decide(headerOf({ ...kinds[0], payload: live }, 0).value, scope)
if (!allowed) throw new Error('The token that lives for an hour was refused')
