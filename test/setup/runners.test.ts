import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = (name: string) => fileURLToPath(new URL(`${name}/`, import.meta.url))
/** A runner's own script: what the shell's command would start. */
const bin = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))

test.each([
  ['Vitest', 'vitest', [bin('vitest/vitest.mjs'), 'run']],
  ['Jest', 'jest', [bin('jest/bin/jest.js')]],
  ['node:test', 'node', ['--import', '@portvakt/mock/setup', '--test', 'setup.case.cjs']],
])('the set-up file works in %s, whose process then ends by itself', async (_runner, name, args) => {
  // A runner inside a runner must not take the outer one's settings for its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([variable]) => !/^(VITEST|JEST|NODE_TEST|NODE_OPTIONS|MASKINPORTEN)/.test(variable),
    ),
  )
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: folder(name),
    env,
    timeout: 60_000,
  })
  expect(stdout + stderr).toMatch(/1 passed|pass 1/)
  expect(stdout + stderr).not.toContain('did not exit')
})
