import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { PROVIDER } from './nais/manifests.js'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))

/** Hooks that print the URL of each module that is loaded after they are registered. */
const HOOKS = `import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  writeSync(1, url + '\\n')
  return next(url, context)
}`

/** Returns the URLs of the modules that a program loads in a separate process. */
function loadedBy(program: string): readonly string[] {
  const register = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}))
`
  // Programs use dynamic imports, because static imports are loaded before the hooks are registered.
  const args = ['--input-type=module', '--eval', `${register}\n${program}`]
  return execFileSync(process.execPath, args, { cwd: PACKAGE, encoding: 'utf8' }).trim().split('\n')
}

/** The modules that are slow to load, by a pattern of their URLs. */
const SLOW = {
  YAML: /\/node_modules\/yaml\//,
  templates: /\/node_modules\/handlebars\//,
  arguments: /\/node_modules\/commander\//,
  manifests: /\/mock\/dist\/nais\/manifest-source\.js$/,
  pages: /\/mock\/dist\/control\/page/,
  'ASN.1': /\/mock\/dist\/certificates\/(der|sign-certificate)\.js$/,
}

const IMPORT = "const { createMockMaskinporten } = await import('@portvakt/mock')"
const PROVISION = `await (await createMockMaskinporten()).provision({ yaml: ${JSON.stringify(PROVIDER)} })`
const SET_UP = `const { maskinporten } = await import('@portvakt/mock/setup')
await maskinporten.issueToken({ scope: 'nav:x.read' })`

it.each<[string, (keyof typeof SLOW)[], string]>([
  ['importing the mock', [], IMPORT],
  // Each published key has a certificate.
  ['creating a mock', ['ASN.1'], `${IMPORT}\nawait createMockMaskinporten()`],
  ['issuing a token from the set-up file', ['ASN.1'], SET_UP],
  ['provisioning a manifest', ['YAML', 'templates', 'manifests', 'ASN.1'], `${IMPORT}\n${PROVISION}`],
])('of the modules that are slow to load, %s loads exactly these: %j', (_title, names, program) => {
  const loaded = loadedBy(program)
  expect(loaded).toContainEqual(expect.stringMatching(/\/mock\/dist\/(index|setup)\.js$/))
  const slow = Object.entries(SLOW).filter(([, pattern]) => loaded.some((url) => pattern.test(url)))
  expect(slow.map(([name]) => name)).toEqual(names)
})
