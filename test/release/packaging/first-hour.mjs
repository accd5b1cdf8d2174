/**
 * Tests the first hour of a new user: a clean clone in a clean home with only Node, npm and git; the commands
 * and the guard of README.md in new projects with the packed packages; and typical mistakes, which must cause
 * errors that say how to fix them. The script uses the npm registry. Run it with `pnpm test:first-hour`, or
 * with `pnpm test:first-hour --skip test` to skip the tests of the clone.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { fencesOf } from '../../docs/fences.mjs'
import { addGuard, createStarter, NEST } from '../starters/nest.mjs'
import { run } from './command.mjs'
import { freePort, serve, statusOf } from './serving.mjs'
import { becomeStranger } from './stranger.mjs'

const { values } = parseArgs({ options: { skip: { type: 'string', multiple: true, default: [] } } })
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SCOPE = 'nav:helse/sykepenger/afp.read'
/** The title that `pack:all` prints above the line that installs the command. */
const COMMAND = 'the command portvakt, with the mock'
const hour = mkdtempSync(join(tmpdir(), 'portvakt-first-hour-'))
const clone = join(hour, 'portvakt')
const began = Date.now()
const stops = []

async function step(title, work) {
  const start = Date.now()
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s`
  try {
    const result = await work()
    console.log(`ok     ${seconds()}  ${title}`)
    return result
  } catch (error) {
    console.log(`FAILED ${seconds()}  ${title}`)
    throw error
  }
}

/** The blocks in a section of the clone's README. */
function readme(heading, language) {
  const sections = readFileSync(join(clone, 'README.md'), 'utf8').split(/^## /m)
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const blocks = fencesOf(section).filter((block) => block.language === language)
  if (blocks.length === 0) throw new Error(`README.md has no ${language} under "${heading}"`)
  return blocks.map(({ code }) => code)
}

/** Runs a line in a shell, and returns its output. */
const shell = (cwd, line) => run(cwd, 'sh', '-c', line)

/** @param tokens a token with the scope, and one with another scope */
function expectGuard(url, tokens) {
  return step('without a token 401, with the scope 200, with another 403', async () => {
    const statuses = []
    for (const token of [undefined, ...tokens]) statuses.push(await statusOf(url, token))
    assert.deepEqual(statuses, [401, 200, 403])
  })
}

/** Starts an app that must fail to start, and returns its error output. */
function mistake(cwd, code, env = {}) {
  writeFileSync(join(cwd, 'mistake.mjs'), code)
  const options = { cwd, encoding: 'utf8', env: { ...process.env, ...env } }
  const { status, stderr } = spawnSync('node', ['mistake.mjs'], options)
  assert.equal(status, 1)
  return stderr
}

async function theRepository() {
  await step('git clone', () =>
    run(hour, 'git', 'clone', '--quiet', '--depth', '1', pathToFileURL(ROOT).href, clone),
  )
  const [commands = ''] = readme('Try it locally', 'sh')
  for (const line of commands.trim().split('\n')) {
    const command = line.replace(/\s+#.*/, '')
    const name = command.split(' ').at(-1)
    if (values.skip.includes(name)) {
      console.log(`skipped          ${command}`)
      continue
    }
    await step(command, () => {
      const printed = shell(clone, `${command} 2>&1`)
      assert.match(printed, name === 'demo' ? /Every answer was as expected/ : /Tests {2}\d{4,} passed/)
      assert.equal(printed.match(/^.*Unsupported engine.*$/gm), null)
    })
  }
}

/** The lines that the clone prints for installing its packages, by title. */
async function installLines() {
  const [command = ''] = readFileSync(join(clone, 'README.md'), 'utf8').match(/npx -y pnpm@12 pack:all/) ?? []
  const printed = await step(command, () => shell(clone, command))
  return Object.fromEntries(
    [...printed.matchAll(/^# (.+)\n(npm install .+)$/gm)].map(([, title, line]) => [title, line]),
  )
}

async function command(lines) {
  const project = join(hour, 'command')
  await step('the line for the command, in an empty folder', () => {
    mkdirSync(project)
    shell(project, lines[COMMAND])
    assert.match(shell(project, 'npx --no-install portvakt --help'), /Usage: portvakt/)
  })
}

async function express(lines) {
  const project = join(hour, 'express')
  await step('npm init -y; npm install express; the lines for the command and for Express', () => {
    mkdirSync(project)
    for (const line of ['npm init -y', 'npm install express', lines[COMMAND], lines.Express])
      shell(project, line)
  })
  const [start = '', call = ''] = readme('Try it locally', 'sh').slice(1)
  const [guard = ''] = readme('Guard an Express app', 'ts')
  const app = `import express from 'express'\n\nconst app = express()\n${guard}app.listen(process.env.PORT)\n`
  const port = `${await freePort()}`
  writeFileSync(join(project, 'app.mjs'), app)

  const mock = `http://127.0.0.1:${await freePort()}`
  process.env.PORTVAKT_MOCK_URL = mock
  stops.push(
    await step('npx --no-install portvakt serve', () =>
      serve(project, `npx --no-install portvakt serve --port ${new URL(mock).port}`, mock),
    ),
  )
  const address = `http://localhost:${port}`
  stops.push(await step(start.trim(), () => serve(project, start, `${address}/health`, { PORT: port })))
  await step('curl as in README.md: 200', () => {
    const printed = shell(project, call.replace('http://localhost:8080', address))
    assert.match(printed, /^HTTP\/1\.1 200 /)
    assert.deepEqual(JSON.parse(printed.split('\r\n\r\n').at(-1)), { to: '314330897' })
  })
  const token = (scope) => shell(project, `npx --no-install portvakt token --scope ${scope}`).trim()
  await expectGuard(`${address}/vedtak`, [token(SCOPE), token('nav:other.read')])

  await step('mistake: missing variables; the error names them and their source', () =>
    assert.match(
      mistake(project, app),
      /TypeError: MASKINPORTEN_ISSUER is not set.*spec\.maskinporten\.enabled.*environment: 'test'/,
    ),
  )
  await step('mistake: the scope as in nais.yaml; the error names the full scope', () =>
    assert.match(
      mistake(project, app.replace(SCOPE, 'sykepenger/afp.read'), { MASKINPORTEN_ISSUER: `${mock}/` }),
      /TypeError: .*sykepenger\/afp\.read.*nais\.yaml/,
    ),
  )
  return token
}

async function nest(lines, token) {
  const cli = NEST[12]
  const app = await step(`npx -y @nestjs/cli@${cli} new, with the guard added`, () => {
    const folder = createStarter(hour, cli)
    addGuard(folder)
    return folder
  })
  await step('the lines for the command and for NestJS', () => {
    for (const line of [lines[COMMAND], lines.NestJS]) shell(app, line)
  })
  await step('npm run build', () => shell(app, 'npm run build'))
  const port = `${await freePort()}`
  const url = `http://localhost:${port}/`
  const start = 'npx --no-install portvakt run -- npm run start:prod'
  stops.push(await step(start, () => serve(app, start, url, { PORT: port })))
  await expectGuard(url, [token('portvakt:demo.read'), token(SCOPE)])
}

async function end() {
  for (const stop of stops.reverse()) await stop()
  rmSync(hour, { recursive: true, force: true })
}

// Stops the started processes on a signal. The terminal does not signal them, because they are in other
// process groups.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end().finally(() => process.exit(1)))
try {
  becomeStranger(hour)
  await theRepository()
  const lines = await installLines()
  await command(lines)
  const token = await express(lines)
  await nest(lines, token)
  console.log(`The first hour took ${Math.ceil((Date.now() - began) / 60_000)} minutes.`)
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await end()
}
