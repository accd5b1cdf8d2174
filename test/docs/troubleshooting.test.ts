import { denialOf, MaskinportenError } from '@portvakt/core'
import { expect, it } from 'vitest'
import { adviceFor } from '../../packages/core/src/advice.js'
import { REASONS } from '../../packages/core/test/reasons.js'
import { tableOf } from './table.js'

const CODES = [
  ['missing_token', 'No token'],
  ['invalid_request', 'An ambiguous request'],
  ['invalid_token', 'A token that does not count'],
  ['insufficient_scope', 'Another scope'],
  ['access_denied', 'Not permitted'],
  ['temporarily_unavailable', 'An outage'],
] as const

function page(): string {
  const all = REASONS.map((reason) => ({
    reason,
    error: new MaskinportenError(reason),
    ...adviceFor(reason),
  }))
  const sections = CODES.map(([code, title]) => {
    const rows = all.filter(({ error }) => error.code === code)
    const status = rows[0] && denialOf(rows[0].error).status
    const table = rows.map(({ reason, meaning, remedy }) => [`\`${reason}\``, meaning, remedy])
    return `## ${title}: ${status}, \`${code}\`\n\n${tableOf([['reason', 'what it means', 'what to do'], ...table])}\n`
  })
  return `# Troubleshooting

The \`reason\` is in the body of a refusal, and in the event of \`onDecision\` with these texts as \`advice\`. To see every check of one token, use \`validator.explain(token, requirement)\` or \`npx -y @portvakt/mock explain TOKEN --scope …\`.

${sections.join('\n')}
## At start-up

A \`TypeError\` when the application starts names the option or variable that is missing or wrong. A 500 is an error of your own \`authorize\`, \`pid\` or requirement function: see your error handler.
`
}

it('the guide to troubleshooting has every reason, with the advice that events give', async () => {
  expect(REASONS.length).toBeGreaterThan(30)
  // Written anew by `vitest run test/docs -u`.
  await expect(page()).toMatchFileSnapshot('../../docs/troubleshooting.md')
})
