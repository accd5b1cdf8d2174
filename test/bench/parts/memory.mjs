import { startProcess } from '../processes.mjs'
import { interleave } from '../statistics.mjs'

const SCRIPT = new URL('../contestants/call-process.mjs', import.meta.url)

/** As many as every cache here keeps by default. */
const TOKENS = 1000

/**
 * What one token in a cache costs: the heap after a thousand tokens, less the heap before, by thousand.
 *
 * @returns by contestant: `bytes` a token
 */
export async function measureMemory({ plan, setting, problem }) {
  const contestants = await Promise.all(
    ['portvakt', 'fast-jwt, cache', 'fast-jwt, cache by whole token'].map(async (name) => {
      const process = await startProcess(SCRIPT, { name, ...setting, cacheSize: TOKENS })
      // What is made once, code and keys, is there before the first measurement.
      await process.ask('see', { set: 'good', count: TOKENS })
      return { name, process }
    }),
  )
  const blocks = contestants.map(({ name, process }) => ({
    name,
    async run() {
      await process.ask('renew', {})
      let wrong = await process.ask('see', { set: 'expired', count: 100, expected: false })
      const before = await process.ask('heap')
      // Twice: we keep what a token says from its second use on.
      for (let time = 0; time < 2; time++) wrong += await process.ask('see', { set: 'good', count: TOKENS })
      if (wrong > 0) problem(`${name} answered wrongly while its memory was measured`)
      return { bytes: ((await process.ask('heap')) - before) / TOKENS }
    },
  }))
  const results = await interleave(blocks, plan.scaling)
  for (const { process } of contestants) await process.stop()
  return results
}
