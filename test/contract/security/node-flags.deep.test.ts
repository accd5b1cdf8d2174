import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const HARDENED = new URL('hardened-app.mjs', import.meta.url)
const LONG_TOKEN = new URL('long-token-app.mjs', import.meta.url)
const EXAMPLE = new URL('../../../examples/full-loop/dist/main.js', import.meta.url)

/** Runs an app with flags of Node, and returns its output. */
async function outputOf(app: URL, ...flags: readonly string[]): Promise<string> {
  const given = ['--no-warnings', ...flags, fileURLToPath(app)]
  return (await promisify(execFile)(process.execPath, given)).stdout
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
  expect(JSON.parse(await outputOf(HARDENED, ...flags))).toEqual(EXPECTED)
})

it('the full-loop example runs under --disable-proto=throw', async () => {
  const output = await outputOf(EXAMPLE, '--disable-proto=throw')
  expect(output).toContain('Every answer was as expected')
})

it('a token of 27 KB gets 431 from Node, unless --max-http-header-size is higher', async () => {
  expect(await outputOf(LONG_TOKEN)).toBe('431')
  expect(await outputOf(LONG_TOKEN, '--max-http-header-size=65536')).toBe('200')
})
