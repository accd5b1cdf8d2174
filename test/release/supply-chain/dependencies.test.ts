import { describe, expect, it } from 'vitest'
import { PACKAGES, read } from '../../docs/blocks.js'

const packages = PACKAGES.map((name) => {
  const manifest: Manifest = JSON.parse(read(`packages/${name}/package.json`))
  return { name, manifest, dependencies: Object.keys(manifest.dependencies ?? {}) }
})

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: object
  readonly bundledDependencies?: object
  readonly scripts?: Readonly<Record<string, string>>
}

/** The rows of the table in SECURITY.md: a library and the packages that depend on it. */
const explained = [...read('SECURITY.md').matchAll(/^\| `([^`]+)` +\| ([a-z, ]+?) +\| (.+?) +\|$/gm)].map(
  ([, library = '', by = '', reason = '']) => ({ library, by: by.split(', '), reason }),
)

describe('dependencies of the packages', () => {
  it('SECURITY.md explains every dependency of every package', () => {
    const used = packages.flatMap(({ name, dependencies }) =>
      dependencies
        .filter((library) => !library.startsWith('@portvakt/'))
        .map((library) => `${library} in ${name}`),
    )
    const reasons = explained.flatMap(({ library, by }) => by.map((name) => `${library} in ${name}`))
    expect(reasons.sort()).toEqual(used.sort())
  })

  const rows = explained.filter(({ reason }) => /\bno dependencies\b/.test(reason))
  it.each(rows)('$library has no dependencies, as SECURITY.md states', ({ library, by }) => {
    for (const name of by) {
      const manifest: Manifest = JSON.parse(read(`packages/${name}/node_modules/${library}/package.json`))
      expect(manifest.dependencies ?? {}).toEqual({})
      expect(manifest.optionalDependencies ?? {}).toEqual({})
    }
  })

  it('core depends only on jose and lru-cache', () => {
    expect(packages.find(({ name }) => name === 'core')?.dependencies).toEqual(['jose', 'lru-cache'])
  })

  it.each(packages)('$name has no optional or bundled dependencies and no scripts', ({ manifest }) => {
    expect(manifest.optionalDependencies).toBeUndefined()
    expect(manifest.bundledDependencies).toBeUndefined()
    expect(manifest.scripts).toBeUndefined()
  })

  it('all packages have the same version', () => {
    expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1)
  })
})
