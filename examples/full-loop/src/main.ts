import { parseArgs } from 'node:util'
import { keepServing } from './keep-serving.js'
import { playScenario } from './scenario.js'

const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } })

if (values.serve) {
  await keepServing()
} else {
  const differences = await playScenario()
  console.log(
    differences === 0
      ? '\nEvery answer was as expected. To try it yourself: npx -y pnpm@12 demo --serve'
      : `\n${differences} answers were not as expected.`,
  )
  process.exitCode = differences === 0 ? 0 : 1
}
