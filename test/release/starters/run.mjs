/**
 * Tests the packed packages on the Node that runs this script, and on Node 22 and 24. The guard is added to
 * the starters of NestJS 12 (with Vitest), 11 and 10 (with Jest). Plain projects use Vitest, Jest (babel-jest
 * and ts-jest) and node:test. Run it with `pnpm test:starters`. The command is separate, because it takes
 * minutes and uses the npm registry. With `--slice`, each NestJS starter runs on only one version of Node.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../packaging/command.mjs'
import { packAll } from '../packaging/packed.mjs'
import { addGuard, createStarter, edit, NEST } from './nest.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const HOME = mkdtempSync(join(tmpdir(), 'portvakt-starters-'))
const NODES = ['22', '24']
const SLICE = process.argv.includes('--slice')
let passed = 0
let failed = 0

function step(title, work) {
  try {
    const result = work()
    passed++
    console.log(`✓ ${title}`)
    return result
  } catch (error) {
    failed++
    console.log(`✗ ${title}\n${error.stack}`)
  }
}

/** Installs packed packages and other dependencies. */
function install(app, tarballs, names, ...others) {
  run(app, 'npm', 'install', '--silent', ...others, ...names.map((name) => tarballs[name]))
}

/** Returns this Node, and other versions of Node from the npm registry. */
function nodes() {
  const name = `node-${process.platform}-${process.arch}`
  const others = NODES.map((major) => {
    const prefix = join(HOME, 'nodes', major)
    run(HOME, 'npm', 'install', '--silent', '--prefix', prefix, `${name}@${major}`)
    const path = join(prefix, 'node_modules', name, 'bin/node')
    return [run(HOME, path, '--version').trim().slice(1), path]
  })
  return [[process.versions.node, process.execPath], ...others]
}

/** Creates a starter with the guard added. Its end-to-end test sends requests with and without a token. */
function starter(cli) {
  const app = createStarter(HOME, cli)
  addGuard(app)
  const e2e = readFileSync(join(app, 'test/app.e2e-spec.ts'), 'utf8')
  const call = e2e.slice(e2e.indexOf('return request'), e2e.lastIndexOf("World!');") + "World!');".length)
  edit(
    app,
    'test/app.e2e-spec.ts',
    ['import { Test', `import { maskinporten } from '@portvakt/mock/setup';\nimport { Test`],
    ["(GET)', () => {", "(GET)', async () => {"],
    [
      call,
      `await request(app.getHttpServer()).get('/').expect(401);
    const token = await maskinporten.issueToken();
    await request(app.getHttpServer()).get('/').set('Authorization', \`Bearer \${token}\`).expect(200).expect('Hello World!');`,
    ],
  )
  return app
}

/** The only Jest setting that the mock needs. */
const ONE_LINE = { preset: '@portvakt/mock' }

/** Adds the mock to the tests of a starter. Returns the arguments of its test commands. */
function withJest(app) {
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  Object.assign(manifest.jest, ONE_LINE)
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest, null, 2))
  const e2e = JSON.parse(readFileSync(join(app, 'test/jest-e2e.json'), 'utf8'))
  writeFileSync(join(app, 'test/jest-e2e.json'), JSON.stringify({ ...e2e, ...ONE_LINE }))
  const jest = 'node_modules/jest/bin/jest.js'
  return [[jest], [jest, '--config', './test/jest-e2e.json']]
}

function withVitest(app) {
  edit(app, 'vitest.config.e2e.ts', ['test: {', "test: {\n    setupFiles: ['@portvakt/mock/setup'],"])
  const vitest = ['node_modules/vitest/vitest.mjs', 'run']
  return [vitest, [...vitest, '--config', './vitest.config.e2e.ts']]
}

const JEST = ['../node_modules/jest/bin/jest.js']

/** The commands of the plain projects, which share their dependencies. */
const PLAIN = {
  vitest: ['../node_modules/vitest/vitest.mjs', 'run'],
  // Jest runs in three projects: without a Babel configuration, with a Babel configuration, and with ts-jest.
  jest: JEST,
  'babel-jest': JEST,
  'ts-jest': JEST,
  node: ['--import', '@portvakt/mock/setup', '--test', 'setup.case.cjs', 'children.case.cjs'],
}

function plain(tarballs) {
  const app = join(HOME, 'plain')
  mkdirSync(app)
  for (const folder of ['test/release/runners', 'test/release/starters'])
    cpSync(join(ROOT, folder), app, { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  // The project for babel-jest uses the app and the test for ts-jest, which are also valid JavaScript.
  for (const name of ['app', 'app.spec'])
    cpSync(join(app, `ts-jest/${name}.ts`), join(app, `babel-jest/${name}.js`))
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  const others = ['express@5', 'supertest@7', 'vitest@4', 'jest@30']
  const compilers = ['@babel/preset-env@7', 'ts-jest@29', 'typescript@5']
  const types = ['@types/express@5', '@types/jest@30', '@types/node@20', '@types/supertest@6']
  install(app, tarballs, ['core', 'express', 'mock'], ...others, ...compilers, ...types)
  return app
}

try {
  const tarballs = packAll(ROOT, join(HOME, 'tarballs'))
  const versions = nodes()
  const starters = [
    [NEST[10], withJest],
    [NEST[11], withJest],
    [NEST[12], withVitest],
  ]
  for (const [index, [cli, addMock]] of starters.entries()) {
    const name = `Nest ${cli}`
    const made = step(`${name}: the starter is created with the guard`, () => {
      const app = starter(cli)
      const tests = addMock(app)
      install(app, tarballs, ['core', 'nestjs', 'mock'])
      return { app, tests }
    })
    if (!made) continue
    const { app, tests } = made
    for (const [version, node] of SLICE ? versions.slice(index, index + 1) : versions) {
      step(`${name} on Node ${version}: it builds`, () =>
        run(app, node, 'node_modules/@nestjs/cli/bin/nest.js', 'build'),
      )
      for (const args of tests)
        step(`${name} on Node ${version}: ${args.join(' ')}`, () => run(app, node, ...args))
    }
  }
  const app = plain(tarballs)
  for (const [version, node] of versions) {
    for (const [name, args] of Object.entries(PLAIN))
      step(`${name} on Node ${version}`, () => run(join(app, name), node, ...args))
  }
} finally {
  rmSync(HOME, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
