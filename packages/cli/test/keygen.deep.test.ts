import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { portvakt, portvaktWithBroken } from './cli.js'

const parent = await temporaryDirectory()
let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(parent, 'test-'))
})

const keygen = (...args: string[]) => portvakt(['keygen', ...args], {}, { cwd })
const read = async (name: string) => JSON.parse(await readFile(join(cwd, name), 'utf8'))

it('`keygen` writes two files, prints no key, and prints the next steps', async () => {
  const { code, stdout, stderr } = await keygen()
  expect([code, stdout]).toEqual([0, ''])
  const privateJwk = await read('maskinporten-private.jwk')
  const publicJwk = await read('maskinporten-public.jwk')
  expect((await stat(join(cwd, 'maskinporten-private.jwk'))).mode & 0o777).toBe(0o600)
  expect(publicJwk).not.toHaveProperty('d')
  expect(publicJwk.kid).toBe(privateJwk.kid)
  expect(publicJwk.kid).toMatch(/^[0-9a-f-]{36}$/)
  expect(stderr).toContain(
    `portvakt token --environment test --client-id ID --key maskinporten-private.jwk --scope`,
  )
  for (const member of ['d', 'p', 'q', 'n']) expect(stderr).not.toContain(privateJwk[member].slice(0, 16))
})

it('`keygen` quotes a file name with spaces in the command that it prints', async () => {
  const { stderr } = await keygen('--private', "it's my key.jwk")
  expect(stderr).toContain(`--key 'it'\\''s my key.jwk' --scope`)
})

it('`keygen` replaces existing files only with --force', async () => {
  await keygen()
  const { kid } = await read('maskinporten-public.jwk')
  const stderr = expect.stringMatching(/^portvakt: \S+: exists already/)
  expect(await keygen()).toMatchObject({ code: 1, stdout: '', stderr })
  expect((await read('maskinporten-public.jwk')).kid).toBe(kid)
  expect((await keygen('--force')).code).toBe(0)
  expect((await read('maskinporten-public.jwk')).kid).not.toBe(kid)
  expect((await read('maskinporten-private.jwk')).kid).toBe((await read('maskinporten-public.jwk')).kid)
})

it('`keygen` prints a key on standard output only when a file name is `-`', async () => {
  const options = '--private - --private-form variable --kid my.kid --bits 3072'
  const { stdout } = await keygen(...options.split(' '))
  expect(stdout).toMatch(/^MASKINPORTEN_CLIENT_JWK='\{.*"kid":"my\.kid".*\}'\n$/)
  expect(await readdir(cwd)).toEqual(['maskinporten-public.jwk'])
})

it.each([
  ['closed', '--private', 'EPIPE'],
  ['closed', '--public', 'EPIPE'],
  ['full', '--public', 'ENOSPC'],
] as const)(
  'when standard output is %s, `keygen %s -` exits with 1, keeps old files and creates none',
  async (defect, option, reason) => {
    const generate = (...more: string[]) =>
      portvaktWithBroken(['stdout', defect], ['keygen', option, '-', ...more], { cwd })
    const failed = { code: 1, output: `portvakt: standard output: cannot be written (${reason})\n` }
    expect(await generate()).toEqual(failed)
    expect(await readdir(cwd)).toEqual([])
    const name = `maskinporten-${option === '--private' ? 'public' : 'private'}.jwk`
    await writeFile(join(cwd, name), 'as it was')
    expect(await generate('--force')).toEqual(failed)
    expect(await readdir(cwd)).toEqual([name])
    expect(await readFile(join(cwd, name), 'utf8')).toBe('as it was')
  },
)

it('`keygen --json` describes the files, without a key', async () => {
  const options = '--json --private a.pem --private-form pem --kid k'
  const { stdout, stderr } = await keygen(...options.split(' '))
  const files = { private: 'a.pem', public: 'maskinporten-public.jwk' }
  expect(JSON.parse(stdout)).toEqual({ kid: 'k', bits: 2048, ...files })
  expect(stderr).toBe('')
  expect(await readFile(join(cwd, 'a.pem'), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
})

it.each([
  [['--kid', 'a b'], /--kid.*letters, digits/],
  [['--bits', '1024'], /--bits.*2048, 3072, 4096/],
  [['--public-form', 'der'], /--public-form.*jwk, list, set, pem/],
  [['--public', 'maskinporten-private.jwk'], /must be different files/],
  [['--json', '--public', '-'], /--json/],
])('`keygen` with %j exits with 2 and writes nothing', async (args, message) => {
  const ended = await keygen(...args)
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  expect(await readdir(cwd)).toEqual([])
})
