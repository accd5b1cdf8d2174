import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMockMaskinporten, startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { portvakt } from './cli.js'

const directory = await temporaryDirectory()
const mock = await startMockMaskinporten()
afterAll(() => mock.close())
const SCOPE = 'nav:x.read'
// The tests of this file can take longer than the default lifetime, on a slow machine.
const token = await mock.issueToken({ scope: SCOPE, consumer: '889640782', expiresIn: 3600 })

async function file(name: string, content: unknown): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const AT = ['--issuer', mock.url]
const FOR = ['--scope', SCOPE]
const JWKS = await file('jwks.json', mock.jwks())
const TOKEN = await file('token', `${token}\n`)

const explain = (args: readonly string[], env: Record<string, string> = {}, input = token) =>
  portvakt(['explain', ...args], env, { input })

it.each<[string, readonly string[], Record<string, string>]>([
  ['an issuer', AT, {}],
  ['NAIS’s variables', [], { MASKINPORTEN_ISSUER: mock.url }],
  ['a mock', ['--url', mock.url], { MASKINPORTEN_ISSUER: 'https://maskinporten.no/' }],
  ['the default mock', [], { PORTVAKT_MOCK_URL: mock.url }],
])('`explain` checks a token against the keys of %s', async (_title, args, env) => {
  const { code, stdout, stderr } = await explain([...args, ...FOR], env)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^allowed\n {2}✓ form:/)
})

it('`explain` describes a verified token, with readable times', async () => {
  const { stdout } = await explain([...AT, ...FOR])
  expect(stdout).toMatch(
    /^scopes +nav:x\.read\nconsumer +0192:889640782\nissued +\S+Z, \d+ s ago\nexpires +\S+Z, in /m,
  )
})

it.each([
  [AT, 0, 'allowed'],
  [['--environment', 'test'], 1, 'refused: wrong_issuer'],
])('with --jwks and %j, `explain` fetches nothing and works in production', async (issuer, code, verdict) => {
  const before = { ...mock.requests }
  const ended = await explain([...issuer, '--jwks', JWKS, ...FOR], { NODE_ENV: 'production' })
  expect([ended.code, ended.stdout.split('\n')[0]]).toEqual([code, verdict])
  expect(mock.requests).toEqual(before)
})

it('`explain` requires every scope that --scope names', async () => {
  const { code, stdout } = await explain([...AT, ...FOR, 'nav:x'])
  expect([code, stdout.split('\n')[0]]).toEqual([1, 'refused: insufficient_scope'])
})

it('with --jwks and --json, `explain` refuses a token that another key has signed, and prints JSON', async () => {
  const other = await file('other.json', (await createMockMaskinporten()).jwks())
  const { code, stdout } = await explain([...AT, '--jwks', other, ...FOR, '--json'])
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { verdict: 'refused', reason: 'unknown_key' }])
})

it('`explain` reads a token from a file, and warns about a token given as an argument', async () => {
  const args = [...AT, ...FOR]
  expect(await explain([...args, '--file', TOKEN], {}, '')).toMatchObject({ code: 0, stderr: '' })
  const { code, stderr } = await explain([token, ...args], {}, '')
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^note: other processes can see an argument/)])
  expect(stderr).not.toContain(token.slice(0, 20))
})

it.each<[string, object | string, number, string]>([
  ['a rule', { scope: SCOPE, delegation: 'required' }, 1, 'refused: delegation_required'],
  ['a scope as text', JSON.stringify(SCOPE), 0, 'allowed'],
])('`explain` applies a requirement file with %s', async (_title, requirement, code, verdict) => {
  const path = await file('requirement.json', requirement)
  const ended = await explain([...AT, '--requirement', path])
  expect([ended.code, ended.stdout.split('\n')[0]]).toEqual([code, verdict])
})

const NOT_JSON = await file('bad.json', token)
const BAD_RULE = await file('rule.json', { scope: SCOPE, consumer: [] })
it.each<[string, number, readonly string[], RegExp]>([
  ['no requirement', 2, [], /--scope, or --requirement/],
  ['keys without an issuer', 2, [...FOR, '--jwks', JWKS], /--jwks also needs --environment or --issuer/],
  ['two issuers', 2, [...AT, ...FOR, '--environment', 'test'], /not both/],
  ['a token after --scope', 2, [...AT, ...FOR, token], /A token is not a scope/],
  ['a token in place of a file', 1, [...AT, ...FOR, '--file', token], /must name a file/],
  ['two tokens', 2, [token, ...AT, ...FOR, '--file', TOKEN], /Give the token once/],
  ['two requirements', 2, [...FOR, '--requirement', JWKS], /--scope.*--requirement|--requirement.*--scope/],
  ['a key set that is not JSON', 1, [...AT, ...FOR, '--jwks', NOT_JSON], /bad\.json: is not JSON/],
  ['a file that is not a key set', 1, [...AT, ...FOR, '--jwks', BAD_RULE], /must be a JWK set/],
  ['an unknown demand and no mock', 1, ['--requirement', BAD_RULE], /consumer/],
  ['an audience that is not a URI', 2, [...AT, ...FOR, '--audience', ''], /audience/],
  ['several scopes in one text', 2, [...AT, '--scope', 'a:b c:d'], /has white space/],
  ['an issuer that is not a URL', 2, [...FOR, '--issuer', 'foo'], /--issuer must be an absolute URL/],
])('`explain` with %s exits with %i, and the error quotes no token', async (_title, code, args, message) => {
  const ended = await explain(args)
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) })
  expect(ended.stderr).not.toContain(token.slice(0, 20))
})
