import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installedProjects } from './installed.js'

let projects: ReturnType<typeof installedProjects>
beforeAll(() => {
  projects = installedProjects()
})
afterAll(() => projects.remove())

/** Runs a test runner in its project. Returns what it prints; throws when a test fails. */
async function run(name: string, ...args: readonly string[]): Promise<string> {
  // The inner runner must not read the settings of the outer one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([variable]) => !/^(VITEST|JEST|NODE_TEST|NODE_OPTIONS|MASKINPORTEN|PORTVAKT)/.test(variable),
    ),
  )
  const cwd = join(projects.folder, name)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env, timeout: 120_000 })
  return stdout + stderr
}

describe('the set-up file', () => {
  it.each([
    ['Vitest', 'vitest', ['../node_modules/vitest/vitest.mjs', 'run'], /4 passed/],
    ['Jest', 'jest', ['../node_modules/jest/bin/jest.js'], /6 passed/],
    ['node:test', 'node', ['--import', '@portvakt/mock/setup', '--test', 'setup.case.cjs'], /pass 1/],
  ])('the set-up file works in %s, and lets the process end', async (_runner, name, args, passed) => {
    const printed = await run(name, ...args)
    expect(printed).toMatch(passed)
    expect(printed).not.toContain('did not exit')
  })
})

it('each file of node --test has its own mock, which the file’s child processes and workers share', async () => {
  const files = ['setup.case.cjs', 'children.case.cjs']
  const printed = await run('node', '--import', '@portvakt/mock/setup', '--test', ...files)
  expect(printed).toMatch(/pass 6/)
  const mocks = files.map((file) => new Set(printed.match(new RegExp(`mock of ${file}: http\\S+`, 'g'))))
  expect(mocks.map(({ size }) => size)).toEqual([1, 1])
  const issuers = mocks.flatMap((lines) => [...lines].map((line) => line.split(': ')[1]))
  expect(new Set(issuers).size).toBe(2)
})
