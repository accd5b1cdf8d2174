import { expect, it } from 'vitest'
import { PACKAGES, read } from '../../docs/blocks.js'
import { rowsOf } from '../../docs/table.js'

const packages = PACKAGES.map((name) => {
  const manifest: Manifest = JSON.parse(read(`packages/${name}/package.json`))
  return { name, manifest, dependencies: Object.keys(manifest.dependencies ?? {}) }
})

interface Manifest {
  readonly version: string
  readonly dependencies?: object
  readonly optionalDependencies?: object
  readonly bundledDependencies?: object
  readonly scripts?: Readonly<Record<string, string>>
}

/** The reasons to depend on each library. */
const REASONS: Readonly<Record<string, string>> = {
  jose: "JWS and keys on the runtime's own cryptography",
  'lru-cache': 'bounded memory for tokens and keys',
  'fastify-plugin': "Fastify's own way out of an encapsulation context",
  '@hono/node-server': 'serves a fetch handler on Node',
  commander: 'reads arguments and prints help',
  handlebars: 'fills in NAIS templates, which are Handlebars; loaded with the first manifest',
  hono: "routes requests to the mock's endpoints",
  yaml: 'reads nais.yaml, with the line of a mistake; loaded with the first manifest',
}

/** Whether a library of a package, as installed, depends on other libraries. */
function hasDependencies(name: string, library: string): boolean {
  const manifest: Manifest = JSON.parse(read(`packages/${name}/node_modules/${library}/package.json`))
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).length > 0
}

it('SECURITY.md explains every dependency of every package, and states which have no dependencies', () => {
  const used = new Set(packages.flatMap(({ dependencies }) => dependencies))
  const libraries = [...used].filter((name) => !name.startsWith('@portvakt/'))
  expect(Object.keys(REASONS).sort()).toEqual(libraries.sort())
  const rows = Object.entries(REASONS).map(([library, reason]) => {
    const users = packages.flatMap((one) => (one.dependencies.includes(library) ? one.name : []))
    const isLeaf = !users.some((name) => hasDependencies(name, library))
    return [`\`${library}\``, users.join(', '), isLeaf ? `${reason}; no dependencies` : reason]
  })
  expect(rowsOf(read('SECURITY.md'), 'library')).toEqual(rows)
})

it.each(packages)('$name has no optional or bundled dependencies and no scripts', ({ manifest }) => {
  expect(manifest.optionalDependencies).toBeUndefined()
  expect(manifest.bundledDependencies).toBeUndefined()
  expect(manifest.scripts).toBeUndefined()
})

it('all packages have the same version', () => {
  expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1)
})
