import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ADAPTERS } from '../../adapters.mjs'
import { NEWEST_TYPESCRIPT, OLDEST_TYPESCRIPT } from '../versions.mjs'
import { APP_DEPENDENCIES, createProject, LIBRARIES, PACKAGES, type Project, ROOT } from './project.js'

const tarballs = inject('tarballs')

/** The newest versions of peers and types. peers.case.ts tests older ones. */
const OTHERS = [
  ...APP_DEPENDENCIES,
  ...ADAPTERS.flatMap(({ types = [] }) => types),
  `typescript@${NEWEST_TYPESCRIPT}`,
  `typescript5@npm:typescript@${OLDEST_TYPESCRIPT}`,
]

let project: Project
beforeAll(() => {
  project = createProject([...Object.values(tarballs), ...OTHERS])
})
afterAll(() => project.remove())

const print = (code: string) => `console.log(JSON.stringify(${code}))`
const node = (...args: string[]) => JSON.parse(project.run(process.execPath, ...args))
const installed = (name: string) => join(project.folder, 'node_modules/@portvakt', name)
const manifestOf = (name: string) => JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'))

const OPENAPI = ['core/openapi', 'fastify/openapi', 'nestjs/openapi']

test.each([...LIBRARIES, ...OPENAPI])(
  '@portvakt/%s has the same exports by import and by require, without a swagger package',
  (entry) => {
    expect(readdirSync(join(project.folder, 'node_modules')).filter((one) => /swagger/.test(one))).toEqual([])
    const names = print('Object.keys(all).sort()')
    project.write('names.mjs', `import * as all from '@portvakt/${entry}'\n${names}`)
    project.write('names.cjs', print(`Object.keys(require('@portvakt/${entry}')).sort()`))
    const imported: string[] = node('names.mjs')
    expect(imported).not.toEqual([])
    const required: string[] = node('names.cjs')
    expect(required.filter((key) => key !== '__esModule')).toEqual(imported)
  },
)

test.each(LIBRARIES)('importing @portvakt/%s has no side effects, as its manifest declares', (name) => {
  const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
  // The dependencies are imported first, so that their side effects are not attributed to this package.
  const others = Object.keys({ ...dependencies, ...peerDependencies })
  project.write(
    'effects.mjs',
    `import { isDeepStrictEqual } from 'node:util'
const state = () => ({ globals: Object.getOwnPropertyNames(globalThis), env: { ...process.env },
  listeners: process.eventNames().map(String) })
for (const other of ${JSON.stringify(others)}) await import(other)
const before = state()
await import('@portvakt/${name}')
const after = state()
${print('Object.keys(before).filter((key) => !isDeepStrictEqual(before[key], after[key]))')}`,
  )
  expect(node('effects.mjs')).toEqual([])
})

test('the packages install one copy of core and of jose together', () => {
  const tree = JSON.parse(project.run('npm', 'ls', '--all', '--json', '@portvakt/core', 'jose'))
  const found = JSON.stringify(tree).match(/"(@portvakt\/core|jose)":\{"version":"[^"]+"/g) ?? []
  expect(new Set(found).size).toBe(2)
  for (const name of PACKAGES) expect(readdirSync(installed(name))).not.toContain('node_modules')
})

test('the mock’s set-up file sets the environment when imported, and when required and awaited as Jest does', () => {
  const issuer = 'process.env.MASKINPORTEN_ISSUER'
  project.write('setup.mjs', `import '@portvakt/mock/setup'\n${print(issuer)}`)
  expect(node('setup.mjs')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  project.write('setup.cjs', `require('@portvakt/mock/setup')().then(() => ${print(issuer)})`)
  expect(node('setup.cjs')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
})

test.each([
  ['typescript', 'consumer.mts', ['--ignoreConfig', '--module', 'nodenext']],
  ['typescript', 'consumer.cts', ['--ignoreConfig', '--module', 'nodenext']],
  ['typescript', 'consumer.mts', ['--ignoreConfig', '--module', 'esnext', '--moduleResolution', 'bundler']],
  ['typescript5', 'consumer.mts', ['--module', 'nodenext']],
  [
    'typescript5',
    'classic.ts',
    ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop'],
  ],
])('%s compiles %s against the installed declarations with %j', (compiler, file, options) => {
  cpSync(join(ROOT, 'test/contract/types/consumer', file), join(project.folder, file))
  const always = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node']
  // Errors in `@types` are ignored, because Koa's and the newest Express's types conflict in a shared
  // library.
  const tsc = [`node_modules/${compiler}/bin/tsc`, ...always, ...options, file]
  const { stdout } = spawnSync(process.execPath, tsc, { cwd: project.folder, encoding: 'utf8' })
  const errors = stdout.split('\n').filter((line) => line !== '')
  expect(errors.filter((line) => !line.startsWith('node_modules/@types/'))).toEqual([])
})

test.each(['@portvakt/cli', 'portvakt'])('npx runs the installed command under the name %s', (name) => {
  const npx = (...args: string[]) => project.run('npx', '--no-install', name, ...args)
  expect(npx('--version')).toBe(`${manifestOf('cli').version}\n`)
  expect(npx('--help')).toContain('explain')
  const issuer = ['node', '-p', 'process.env.MASKINPORTEN_ISSUER']
  expect(npx('run', '--expose', 'nav:x.read', '--', ...issuer)).toMatch(/http:\/\/127\.0\.0\.1:\d+\//)
})

test('the mock package installs neither a command nor an argument parser', () => {
  const tests = createProject([tarballs['core'] ?? '', tarballs['mock'] ?? ''])
  try {
    expect(readdirSync(join(tests.folder, 'node_modules'))).not.toContain('commander')
    const commands = readdirSync(join(tests.folder, 'node_modules/.bin'))
    expect(commands.filter((name) => name.startsWith('portvakt'))).toEqual([])
  } finally {
    tests.remove()
  }
})
