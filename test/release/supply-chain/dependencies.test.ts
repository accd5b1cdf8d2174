import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
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

describe('dependencies of the packages', () => {
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
