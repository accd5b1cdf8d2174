import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'

const SETUP = fileURLToPath(new URL('../../dist/setup.js', import.meta.url))

/** Runs code in a process with the set-up file and these variables. Returns the output. */
async function child(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  const args = ['--import', SETUP, '--input-type=module', '-e', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return stdout.trim()
}

const PRINT_ISSUER = 'console.log(process.env.MASKINPORTEN_ISSUER)'
const maskinporten = `const { maskinporten } = await import(${JSON.stringify(SETUP)});`

const parent = await startMockMaskinporten()
afterAll(() => parent.close())

/** Returns the variables that a child of this process gets. This process has started the mock `parent`. */
function handedOn(record: object = {}): Record<string, string> {
  const whole = { url: parent.url, pid: process.pid, runners: {}, ...record }
  return { ...parent.env, PORTVAKT_MOCK_SETUP: JSON.stringify(whole) }
}

it("a child process shares the parent's mock, and gets good and bad tokens from that mock", async () => {
  const code = `${maskinporten}
      const [good, bad] = [await maskinporten.issueToken(), await maskinporten.badToken('expired')]
      console.log(maskinporten.issuer, [good, bad].map((token) => JSON.parse(atob(token.split('.')[1])).iss).join(' '))`
  expect(await child(code, handedOn())).toBe([parent.issuer, parent.issuer, parent.issuer].join(' '))
})

it('a child process does not overwrite variables that the parent has changed', async () => {
  const code = 'console.log(process.env.MASKINPORTEN_CLIENT_ID)'
  expect(await child(code, { ...handedOn(), MASKINPORTEN_CLIENT_ID: 'another' })).toBe('another')
})

it('in a child process, `maskinporten.jwks` throws an error that says it is not available', async () => {
  const code = `${maskinporten} try { maskinporten.jwks } catch (error) { console.log(error.message) }`
  expect(await child(code, handedOn())).toMatch('`maskinporten.jwks` is not available here')
})

it('a child process with NODE_ENV=production does not start', async () => {
  const env = { ...handedOn(), NODE_ENV: 'production' }
  await expect(child(PRINT_ISSUER, env)).rejects.toThrow('refused with NODE_ENV=production')
})

const ended = () => spawnSync(process.execPath, ['-e', '']).pid
it.each([
  ['when it has no parent with a mock', () => ({})],
  ['when its parent has ended', () => handedOn({ pid: ended() })],
  ['when its parent’s mock is on another machine', () => handedOn({ url: 'http://192.0.2.1:8089/' })],
  ['when PORTVAKT_MOCK_SETUP is not JSON', () => ({ ...handedOn(), PORTVAKT_MOCK_SETUP: '{' })],
  ['when PORTVAKT_MOCK_SETUP is null', () => ({ ...handedOn(), PORTVAKT_MOCK_SETUP: 'null' })],
  ['when it is a test file of `node --test`', () => ({ ...handedOn(), NODE_TEST_CONTEXT: 'child-v8' })],
  ["when it is one of Mocha's workers", () => ({ ...handedOn(), MOCHA_WORKER_ID: '0' })],
])('a process starts its own mock %s', async (_title, env) => {
  // `node --test` adds its own text to the output of a test file.
  const issuer = /http:\/\/127\.0\.0\.1:\d+\//.exec(await child(PRINT_ISSUER, env()))?.[0]
  expect(issuer).toBeDefined()
  expect(issuer).not.toBe(parent.issuer)
})

it('a test file with its own globals starts its own mock, even in the thread of another test file', async () => {
  const code = `const first = process.env.MASKINPORTEN_ISSUER
    delete globalThis[Symbol.for('@portvakt/mock/setup')]
    const { maskinporten } = await import('${pathToFileURL(SETUP)}?again')
    maskinporten.addScope({ name: 'nav:x.read' })
    console.log(first !== maskinporten.issuer)`
  expect(await child(code, {})).toBe('true')
})
