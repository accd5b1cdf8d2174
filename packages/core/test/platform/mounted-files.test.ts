import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { naisVariables } from '../../src/platform/environment.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator } from '../../src/validator.js'
import { useCleanEnvironment } from '../clean-environment.js'

const ISSUER = 'MASKINPORTEN_ISSUER'
const MOUNTED = '/var/run/secrets/nais.io/maskinporten'

useCleanEnvironment()

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const mount = (name: string, content: string) => writeFileSync(join(directory, name), content)
const read = (name: string) => naisVariables(directory).read(name)

/** Simulates files in the directory where NAIS mounts them. */
function mountOnNais(files: Readonly<Record<string, string | undefined>>): void {
  const readFileSync = (path: string) => {
    const content = path.startsWith(`${MOUNTED}/`) ? files[path.slice(MOUNTED.length + 1)] : undefined
    if (content === undefined) throw new Error('ENOENT')
    return content
  }
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ readFileSync } as never)
}

it('a variable is read from the environment, even if a file of that name exists', () => {
  vi.stubEnv(ISSUER, 'https://x.no/')
  mount(ISSUER, 'https://file.example/')
  expect(read(ISSUER)).toBe('https://x.no/')
})

it.each([undefined, ''])('a variable that is %j in the environment is read from its file', (value) => {
  vi.stubEnv(ISSUER, value)
  mount(ISSUER, 'https://file.example/')
  expect(read(ISSUER)).toBe('https://file.example/')
})

it.each(['https://x.no/\n', 'https://x.no/\r\n', 'https://x.no/'])(
  'the value of a variable does not include the newline at the end of its file: %j',
  (content) => {
    mount(ISSUER, content)
    expect(read(ISSUER)).toBe('https://x.no/')
  },
)

it.each(['', '\n'])('a variable is absent if its file holds only %j', (content) => {
  mount(ISSUER, content)
  expect(read(ISSUER)).toBeUndefined()
})

it('a variable with neither a value nor a file is absent', () => {
  expect(read(ISSUER)).toBeUndefined()
})

it('mounted files are read from NAIS’s directory by default', () => {
  mountOnNais({ [ISSUER]: 'https://x.no/\n' })
  expect(naisVariables().read(ISSUER)).toBe('https://x.no/')
})

it.each<[string, object | undefined]>([
  ['without a process', undefined],
  ['without built-in modules', { env: {} }],
  ['without a file system', { env: {}, getBuiltinModule: () => undefined }],
])('mounted files are not read on a platform %s', (_title, host) => {
  mount(ISSUER, 'https://x.no/')
  vi.stubGlobal('process', host)
  const found = read(ISSUER)
  vi.unstubAllGlobals()
  expect(found).toBeUndefined()
})

it('the message about a missing variable names the variable and the directory of its file', () => {
  expect(naisVariables(directory).missing(ISSUER)).toBe(
    `${ISSUER} is not set, and ${directory} has no file of that name`,
  )
})

it('a validator can be configured by mounted files alone', async () => {
  const mock = await createMockMaskinporten()
  mountOnNais(mock.env)
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  const fetch = vi.fn(mock.fetch)
  await createMaskinportenValidator({ fetch }).verify(token, 'nav:x.read')
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([mock.env['MASKINPORTEN_JWKS_URI']])
})

it('a validator with an `environment` option ignores mounted files', async () => {
  mountOnNais({ MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_JWKS_URI: 'https://x.no/jwk' })
  const fetch = vi.fn(async () => Response.error())
  const clock = createTestClock()
  const validator = createMaskinportenValidator({ environment: 'test', fetch, clock, keys: { timeout: 0.1 } })
  await expect(validator.ready()).rejects.toThrow('keys_unavailable')
  expect(fetch).toHaveBeenCalledWith(
    'https://test.maskinporten.no/.well-known/oauth-authorization-server',
    expect.anything(),
  )
})

it('the error for a missing issuer names the variable and the directory', () => {
  expect(() => createMaskinportenValidator()).toThrow(
    new RegExp(`^MASKINPORTEN_ISSUER is not set, and ${MOUNTED} has no file of that name`),
  )
})

it('the error for a wrong value in a file names the variable', () => {
  mountOnNais({ MASKINPORTEN_ISSUER: 'http://x.no/' })
  expect(() => createMaskinportenValidator()).toThrow(/^MASKINPORTEN_ISSUER must be an https: URL/)
})

it('a validator with Texas reads the mounted files', () => {
  mountOnNais({ MASKINPORTEN_ISSUER: 'https://x.no/' })
  expect(() => createTexasValidator()).toThrow(
    `NAIS_TOKEN_INTROSPECTION_ENDPOINT is not set, and ${MOUNTED} has no file of that name`,
  )
  mountOnNais({
    MASKINPORTEN_ISSUER: 'https://x.no/',
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: 'http://127.0.0.1:7164/api/v1/introspect',
  })
  expect(() => createTexasValidator()).not.toThrow()
})
