import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { naisVariables } from '../../src/platform/environment.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator } from '../../src/validator.js'
import { useCleanEnvironment } from '../clean-environment.js'

const ISSUER = 'MASKINPORTEN_ISSUER'
const MOUNTED = '/var/run/secrets/nais.io/maskinporten'

useCleanEnvironment()

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
  file = join(directory, ISSUER)
})
afterEach(() => {
  rmSync(directory, { recursive: true })
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Simulates files in the directory where NAIS mounts them. */
function mountOnNais(files: Readonly<Record<string, string | undefined>>): void {
  const readFileSync = (path: string) => {
    const content = path.startsWith(`${MOUNTED}/`) ? files[path.slice(MOUNTED.length + 1)] : undefined
    if (content === undefined) throw new Error('ENOENT')
    return content
  }
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ readFileSync } as never)
}

it.each([
  ['https://x.no/', 'https://file.example/', 'https://x.no/'],
  [undefined, 'https://file.example/', 'https://file.example/'],
  ['', 'https://file.example/\n', 'https://file.example/'],
  ['', 'https://file.example/\r\n', 'https://file.example/'],
  [undefined, '', undefined],
  [undefined, '\n', undefined],
  [undefined, undefined, undefined],
])(
  'for %j in the environment and a file of %j, the value of a variable is %j',
  (variable, content, expected) => {
    vi.stubEnv(ISSUER, variable)
    if (content !== undefined) writeFileSync(file, content)
    expect(naisVariables(directory).read(ISSUER)).toBe(expected)
  },
)

it.each<[string, object | undefined]>([
  ['without a process', undefined],
  ['without built-in modules', { env: {} }],
  ['without a file system', { env: {}, getBuiltinModule: () => undefined }],
])('mounted files are not read on a platform %s', (_title, host) => {
  writeFileSync(file, 'https://x.no/')
  vi.stubGlobal('process', host)
  const found = naisVariables(directory).read(ISSUER)
  vi.unstubAllGlobals()
  expect(found).toBeUndefined()
})

it('the message about a missing variable names the variable and the directory of its file', () => {
  for (const [variables, place] of [
    [naisVariables(directory), directory],
    [naisVariables(), MOUNTED],
  ] as const) {
    expect(variables.missing(ISSUER)).toBe(`${ISSUER} is not set, and ${place} has no file of that name`)
  }
})

it('a validator can be configured by mounted files alone', async () => {
  const mock = await createMockMaskinporten()
  mountOnNais(mock.env)
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  const fetch = vi.fn(mock.fetch)
  await createMaskinportenValidator({ fetch }).verify(token, 'nav:x.read')
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([mock.env['MASKINPORTEN_JWKS_URI']])
})

it('a validator with Texas reads the mounted files, and its error names their directory', () => {
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
