import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = async (flags: readonly string[], file: string) => {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return promisify(execFile)(process.execPath, ['--no-warnings', ...flags, path])
}

const EXPECTED = [
  '889640782',
  '889640782',
  ...['malformed_token', 'malformed_token', 'malformed_token', 'malformed_token'],
  ...['insufficient_scope', 'insufficient_scope'],
  true,
]

it.each([
  [['--frozen-intrinsics']],
  [['--disable-proto=throw']],
  [['--frozen-intrinsics', '--disable-proto=delete']],
])('under Node flags %j, core decides and explains without changing Object.prototype', async (flags) => {
  const { stdout } = await run(flags, 'hardened-app.mjs')
  expect(JSON.parse(stdout)).toEqual(EXPECTED)
})

it('the full-loop example runs under --disable-proto=throw', async () => {
  const { stdout } = await run(['--disable-proto=throw'], '../../../examples/full-loop/dist/main.js')
  expect(stdout).toContain('Every answer was as expected')
})
