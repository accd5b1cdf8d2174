import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { run } from './command.mjs'
import { PACKAGES, ROOT } from './project.js'

interface Workspace {
  readonly catalogs: { readonly published: Readonly<Record<string, string>> }
}
const workspace: Workspace = parse(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8'))
const RANGES = Object.entries(workspace.catalogs.published)

test.each(RANGES)('dependency %s has the caret range %s, so its fixes need no new release', (_, range) => {
  expect(range).toMatch(/^\^\d+\.\d+\.\d+$/)
})

test.each(PACKAGES)('@portvakt/%s has no exact versions of dependencies', (name) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
  for (const range of Object.values(manifest.dependencies ?? {})) {
    expect(['catalog:published', 'workspace:^']).toContain(range)
  }
})

function newestOf(name: string, range: string): string {
  const found: string | readonly string[] = JSON.parse(
    run(ROOT, 'npm', 'view', `${name}@${range}`, 'version', '--json'),
  )
  return typeof found === 'string' ? found : (found.at(-1) ?? '')
}

/** The quick tests, and one slow test of the command, the only package that depends on commander. */
const QUICK = ['--project=shared', '--project=alone']
const OF_THE_COMMAND = 'packages/cli/test/manifests.deep.test.ts'

const VERSIONS: readonly [title: string, of: (name: string, range: string) => string][] = [
  ['lowest', (_, range) => range.slice(1)],
  ['newest', newestOf],
]

describe.each(VERSIONS)('the %s version of every dependency', (title, versionOf) => {
  const folder = mkdtempSync(join(tmpdir(), 'portvakt-dependencies-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(`the packages pass their tests with the ${title} version of every dependency`, () => {
    run(ROOT, 'git', 'clone', '--quiet', '--depth', '1', `file://${ROOT}`, folder)
    // The packages are built with the dependency versions of the workspace, like the published packages.
    run(folder, 'npx', '-y', 'pnpm@12', 'install', '--frozen-lockfile')
    run(folder, 'npx', '-y', 'pnpm@12', 'build')
    const overrides = RANGES.map(([name, range]) => `  "${name}": ${versionOf(name, range)}\n`)
    appendFileSync(join(folder, 'pnpm-workspace.yaml'), `\noverrides:\n${overrides.join('')}`)
    run(folder, 'npx', '-y', 'pnpm@12', 'install', '--no-frozen-lockfile')
    const packages = readdirSync(join(folder, 'packages')).map((name) => `packages/${name}/test`)
    const vitest = (...args: string[]) =>
      run(folder, process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...args)
    expect(vitest(...QUICK, ...packages)).toMatch(/Tests {2}\d{3,} passed/)
    expect(vitest(OF_THE_COMMAND)).toMatch(/Tests {2}\d{2,} passed/)
  })
})
