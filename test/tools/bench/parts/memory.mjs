import { startCalls } from '../contestants/start-calls.mjs'
import { interleave } from '../statistics.mjs'

/** The number of tokens that each contestant's cache holds. */
const TOKENS = 1000

/**
 * Measures the memory of a cached token: the growth of the heap by a thousand tokens, divided by a thousand.
 *
 * @returns the `bytes` per token, by contestant
 */
export async function measureMemory({ plan, setting, problem }) {
  const contestants = await Promise.all(
    ['portvakt', 'fast-jwt, cache', 'fast-jwt, cache by whole token'].map(async (name) => {
      const process = await startCalls(name, { ...setting, cacheSize: TOKENS }, problem)
      // The warm-up creates code and loads keys before the first measurement.
      await process.ask('see', { set: 'good', count: TOKENS })
      return { name, process }
    }),
  )
  const blocks = contestants.map(({ name, process }) => ({
    name,
    async run() {
      await process.ask('renew', {})
      await process.ask('see', { set: 'expired', count: 100, expected: false })
      const before = await process.ask('heap')
      // The tokens are presented twice, because portvakt caches claims from the second use on.
      for (let time = 0; time < 2; time++) await process.ask('see', { set: 'good', count: TOKENS })
      return { bytes: ((await process.ask('heap')) - before) / TOKENS }
    },
  }))
  const results = await interleave(blocks, plan.scaling)
  for (const { process } of contestants) await process.stop()
  return results
}
