import { startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { portvaktWithBroken } from './cli.js'

const mock = await startMockMaskinporten()
afterAll(() => mock.close())
const env = { PORTVAKT_MOCK_URL: mock.url }

const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['--help', ['--help']],
  ['token', ['token', '--scope', 'a:b']],
  ['env --json', ['env', '--json']],
  ['doctor', ['doctor', '--issuer', mock.url]],
  ['serve', ['serve', '--port', '0']],
]

it.each(COMMANDS)('`%s` ends quietly with 141 when standard output is closed', async (_title, args) => {
  const { code, output } = await portvaktWithBroken(['stdout', 'closed'], args, { env })
  expect(code).toBe(141)
  expect(output).not.toMatch(/EPIPE|node:/)
})

it.each(COMMANDS)('`%s` exits with 1 and one line when standard output is full', async (_title, args) => {
  const { code, output } = await portvaktWithBroken(['stdout', 'full'], args, { env })
  expect(code).toBe(1)
  expect(output).toMatch(/^portvakt: standard output cannot be written \(ENOSPC\)\n$/m)
  expect(output).not.toContain('node:')
})

it.each([
  ['closed', 141],
  ['full', 1],
] as const)('when standard error is %s, an error exits with %i and prints nothing', async (defect, code) => {
  expect(await portvaktWithBroken(['stderr', defect], ['bogus'], { env })).toEqual({ code, output: '' })
})
