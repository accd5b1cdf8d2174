import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { HOSTS } from '../conformance/hosts.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const OTHERS = ['core', 'mock', 'client', 'cli']
const names = ADAPTERS.map(({ name }) => name)

const read = (path: string) => readFileSync(ROOT + path, 'utf8')

/** The names that the index of a package lists, types included. */
function namesIn(name: string): readonly string[] {
  const lists = read(`packages/${name}/src/index.ts`).matchAll(/export (?:type )?\{([^}]*)\}/g)
  const entries = [...lists].flatMap(([, list = '']) => list.split(',')).map((entry) => entry.trim())
  return entries.filter(Boolean).map((entry) => entry.replace(/^(type |.* as )/, ''))
}

it('the list of adapters has every folder of packages that is not another package', () => {
  expect([...OTHERS, ...names].sort()).toEqual(readdirSync(`${ROOT}packages`).sort())
})

describe.each(names)('the %s adapter', (name) => {
  it('is run by the conformance suite', () => {
    const framework = name.replace(/js$/, '')
    expect(HOSTS.filter((host) => host.name.toLowerCase().startsWith(framework))).not.toEqual([])
  })

  it('has an example', () => {
    const app = name === 'nestjs' ? 'app.module.ts' : 'app.ts'
    expect(existsSync(`${ROOT}examples/${name}/src/${app}`)).toBe(true)
  })

  it('has a row in the README, and a README of its own', () => {
    expect(read('README.md')).toMatch(
      new RegExp(`^\\| \\[\`@portvakt/${name}\`\\]\\(packages/${name}/README.md\\) +\\|`, 'm'),
    )
    expect(read(`packages/${name}/README.md`)).toMatch(new RegExp(`^# @portvakt/${name}\n`))
  })

  it('exports all of core, and no name of its own that core has: it would replace the one of core', () => {
    expect(read(`packages/${name}/src/index.ts`)).toContain("export * from '@portvakt/core'\n")
    const ofCore = namesIn('core')
    expect(ofCore).toEqual(expect.arrayContaining(['createMaskinportenValidator', 'VerifiedToken']))
    expect(namesIn(name)).toContain('getMaskinportenToken')
    expect(namesIn(name).filter((own) => ofCore.includes(own))).toEqual([])
  })

  it('exports getMaskinportenToken and requireMaskinportenScope', async () => {
    const exported: Record<string, unknown> = await import(`@portvakt/${name}`)
    const guard = name === 'nestjs' ? 'RequireMaskinportenScope' : 'requireMaskinportenScope'
    expect([typeof exported['getMaskinportenToken'], typeof exported[guard]]).toEqual([
      'function',
      'function',
    ])
  })

  it('knows no error class and branches on no reason', () => {
    for (const file of readdirSync(`${ROOT}packages/${name}/src`)) {
      if (file === 'index.ts') continue
      expect(read(`packages/${name}/src/${file}`)).not.toMatch(
        /MaskinportenError|\.(reason|code)\s*[!=]==|switch \(.*\.(reason|code)\)/,
      )
    }
  })
})
