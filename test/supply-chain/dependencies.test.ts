import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(ROOT + path, 'utf8')
const packages = readdirSync(`${ROOT}packages`).map((name) => {
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

/** The rows of SECURITY.md's table: a library, and the packages that depend on it. */
const explained = [...read('SECURITY.md').matchAll(/^\| `([^`]+)` +\| ([a-z, ]+?) +\| (.+?) +\|$/gm)].map(
  ([, library = '', by = '', reason = '']) => ({ library, by: by.split(', '), reason }),
)

describe('what is installed with the packages', () => {
  it('is explained in SECURITY.md, library by library', () => {
    const used = packages.flatMap(({ name, dependencies }) =>
      dependencies
        .filter((library) => !library.startsWith('@portvakt/'))
        .map((library) => `${library} in ${name}`),
    )
    const reasons = explained.flatMap(({ library, by }) => by.map((name) => `${library} in ${name}`))
    expect(reasons.sort()).toEqual(used.sort())
  })

  const rows = explained.filter(({ reason }) => /\bno dependencies\b/.test(reason))
  it.each(rows)('has no dependencies where SECURITY.md says so: $library', ({ library, by }) => {
    for (const name of by) {
      const manifest: Manifest = JSON.parse(read(`packages/${name}/node_modules/${library}/package.json`))
      expect(manifest.dependencies ?? {}).toEqual({})
      expect(manifest.optionalDependencies ?? {}).toEqual({})
    }
  })

  it('is jose and lru-cache alone for core', () => {
    expect(packages.find(({ name }) => name === 'core')?.dependencies).toEqual(['jose', 'lru-cache'])
  })

  it.each(packages)('is declared openly by $name, without scripts', ({ manifest }) => {
    expect(manifest.optionalDependencies).toBeUndefined()
    expect(manifest.bundledDependencies).toBeUndefined()
    expect(manifest.scripts).toBeUndefined()
  })

  it('has one version', () => {
    expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1)
  })
})
