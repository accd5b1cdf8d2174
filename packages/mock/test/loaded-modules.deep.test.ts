import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

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

const YAML = /\/node_modules\/yaml\//
const TEMPLATES = /\/node_modules\/handlebars\//
const ARGUMENTS = /\/node_modules\/commander\//
const MANIFESTS = /\/mock\/dist\/nais\/manifest-source\.js$/
const PAGES = /\/mock\/dist\/control\/page/
const ASN1 = /\/mock\/dist\/certificates\/(der|sign-certificate)\.js$/

/** Returns the patterns that match at least one loaded module. */
const matched = (loaded: readonly string[], patterns: readonly RegExp[]) =>
  patterns.filter((pattern) => loaded.some((url) => pattern.test(url)))

const IMPORT = "const { createMockMaskinporten } = await import('@portvakt/mock')"
const MANIFEST = `apiVersion: nais.io/v1alpha1
kind: Application
metadata: { name: app, namespace: team }
spec:
  image: "{{image}}"
  maskinporten: { enabled: true }
`

it('importing the mock does not load modules for YAML, templates, arguments, pages or ASN.1', () => {
  const loaded = loadedBy(IMPORT)
  expect(matched(loaded, [/\/mock\/dist\/index\.js$/])).toHaveLength(1)
  expect(matched(loaded, [YAML, TEMPLATES, ARGUMENTS, MANIFESTS, PAGES, ASN1])).toEqual([])
})

it('the set-up file does not load modules for YAML, templates, arguments or pages, even to issue a token', () => {
  const loaded = loadedBy(`const { maskinporten } = await import('@portvakt/mock/setup')
await maskinporten.issueToken({ scope: 'nav:x.read' })`)
  expect(matched(loaded, [/\/mock\/dist\/setup\.js$/])).toHaveLength(1)
  expect(matched(loaded, [YAML, TEMPLATES, ARGUMENTS, MANIFESTS, PAGES])).toEqual([])
})

it('provisioning a manifest loads the modules for YAML and templates', () => {
  const loaded = loadedBy(`${IMPORT}
await (await createMockMaskinporten()).provision({ yaml: ${JSON.stringify(MANIFEST)} })`)
  expect(matched(loaded, [YAML, TEMPLATES, MANIFESTS])).toEqual([YAML, TEMPLATES, MANIFESTS])
})

it('creating a mock loads the modules for ASN.1, because each published key has a certificate', () => {
  expect(matched(loadedBy(`${IMPORT}\nawait createMockMaskinporten()`), [ASN1])).toEqual([ASN1])
})
