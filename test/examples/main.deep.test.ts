import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

async function linesOf(example: string, ...args: readonly string[]): Promise<readonly string[]> {
  const main = fileURLToPath(new URL(`../../examples/${example}/dist/main.js`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args])
  return stdout.trim().split('\n')
}

const CONSUMER = '"consumer":"314330897"'
const CONSUMERS = [CONSUMER, CONSUMER, CONSUMER]

it.each<[example: string, what: string, args: readonly string[], lines: readonly string[]]>([
  ['consume', 'calls the API with its own key', [], [...CONSUMERS, 'JWT grant: 1 token request']],
  ['consume', 'calls the API with a token from Texas', ['--texas'], [...CONSUMERS, 'Texas: 1 token request']],
  ['altinn-pdp', 'prints an allowed and a refused call', [], ['314168267 200', '889640782 403']],
  ['two-issuers', 'prints two allowed and two refused calls', [], [' 200 ', ' 200 ', ' 401 ', ' 401 ']],
  ['websocket', 'prints two refused upgrades and a message', [], ['401', '403', CONSUMER]],
])('the %s example %s', async (example, _what, args, lines) => {
  expect(await linesOf(example, ...args)).toEqual(lines.map((line) => expect.stringContaining(line)))
})

it('the events example prints its log and its metrics', async () => {
  const lines = await linesOf('events')
  expect(lines.flatMap((line) => line.match(/"msg":"[^"]*"/) ?? [])).toEqual([
    '"msg":"allowed"',
    '"msg":"refused: insufficient_scope"',
    '"msg":"refused: wrong_issuer"',
  ])
  expect(lines).toContain('maskinporten_decisions_total{code="allowed",reason="allowed",verified="true"} 1')
})

it('the full-loop demo exits with code 0 if every answer is as expected', async () => {
  const printed = (await linesOf('full-loop')).join('\n')
  const answers = [...printed.matchAll(/← (\d+ \w+)/g)].map(([, answer]) => answer)
  expect(answers).toEqual([
    ...['200 OK', '401 no_credentials', '401 bad_signature', '401 expired', '403 insufficient_scope'],
    ...['403 consumer_not_allowed', '200 OK', '200 OK', '200 OK', '200 OK'],
  ])
  expect(printed).toContain('consumer 313367002 through supplier 310385980')
  expect(printed).toContain('last failure unreachable')
  expect(printed).not.toMatch(/eyJ/)
})
