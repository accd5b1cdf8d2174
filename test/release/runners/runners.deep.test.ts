import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** The dependencies of the projects in this folder, without Portvakt. */
const TOOLS = ['express', 'jest', 'supertest', 'vitest']

// On macOS the temporary folder is a link, and Jest compares real paths.
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'portvakt-setup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * Copies the projects, with Portvakt's built packages as files in `node_modules`. Test runners treat such
 * files differently from the links of a workspace.
 */
beforeAll(() => {
  const copy = (from: string, to: string, filter: (path: string) => boolean) =>
    cpSync(join(ROOT, from), to, { recursive: true, filter })
  const install = (from: string, name: string) => {
    const to = join(folder, 'node_modules', name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(realpathSync(join(ROOT, from, 'node_modules', name)), to)
  }
  copy('test/release/runners', folder, (path) => !path.endsWith('.ts'))
  for (const name of TOOLS) install('test/release', name)
  for (const name of ['core', 'express', 'mock']) {
    const to = join(folder, 'node_modules/@portvakt', name)
    copy(`packages/${name}`, to, (path) => !/[\\/](node_modules|src|test)$/.test(path))
  }
  const dependencies = readdirSync(join(ROOT, 'packages/mock/node_modules'))
  for (const name of dependencies.filter((name) => /^[a-z]/.test(name))) install('packages/mock', name)
  install('packages/mock', '@hono/node-server')
})

/** Runs a test runner in its project. Returns what it prints; throws when a test fails. */
async function run(name: string, ...args: readonly string[]): Promise<string> {
  // The inner runner must not read the settings of the outer one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([variable]) => !/^(VITEST|JEST|NODE_TEST|NODE_OPTIONS|MASKINPORTEN|PORTVAKT)/.test(variable),
    ),
  )
  const cwd = join(folder, name)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env, timeout: 120_000 })
  return stdout + stderr
}

it.each([
  ['Vitest', 'vitest', ['../node_modules/vitest/vitest.mjs', 'run'], /4 passed/],
  ['Jest', 'jest', ['../node_modules/jest/bin/jest.js'], /6 passed/],
  ['node:test', 'node', ['--import', '@portvakt/mock/setup', '--test', 'setup.case.cjs'], /pass 1/],
])('the mock’s set-up file works in %s, and lets the process end', async (_runner, name, args, passed) => {
  const printed = await run(name, ...args)
  expect(printed).toMatch(passed)
  expect(printed).not.toContain('did not exit')
})

it('under `node --test`, each test file has its own mock, shared by its child processes and workers', async () => {
  const files = ['setup.case.cjs', 'children.case.cjs']
  const printed = await run('node', '--import', '@portvakt/mock/setup', '--test', ...files)
  expect(printed).toMatch(/pass 6/)
  const mocks = files.map((file) => new Set(printed.match(new RegExp(`mock of ${file}: http\\S+`, 'g'))))
  expect(mocks.map(({ size }) => size)).toEqual([1, 1])
  const issuers = mocks.flatMap((lines) => [...lines].map((line) => line.split(': ')[1]))
  expect(new Set(issuers).size).toBe(2)
})
