import { startCalls } from '../contestants/start-calls.mjs'
import { FIELDS } from '../fields.mjs'
import { HEADER_LENGTHS } from '../setting.mjs'
import { interleave } from '../statistics.mjs'

/**
 * Measures how the cost of a refusal grows with each field that a caller without a token can lengthen.
 *
 * @returns the figures by field, then by the length of the Authorization value
 */
export async function measureFields({ plan: { fields: plan }, setting, problem }) {
  const process = await startCalls('portvakt', setting, problem)
  await process.ask('see', { set: 'good', count: 100 })
  const blocks = Object.keys(FIELDS).flatMap((field) =>
    HEADER_LENGTHS.map((length) => ({
      name: `${field} | ${length}`,
      async run() {
        const run = { count: plan.calls, warmUp: plan.calls, live: 20, expected: false, prefix: '' }
        const { cpu, user } = await process.ask('run', { set: `${field} ${length}`, ...run })
        return { cpu, user }
      },
    })),
  )
  const figures = await interleave(blocks, plan)
  await process.stop()
  return figures
}
