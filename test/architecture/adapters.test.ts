import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { HOSTS } from '../conformance/hosts.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const OTHERS = ['core', 'mock', 'client', 'cli']
const names = ADAPTERS.map(({ name }) => name)

const read = (path: string) => readFileSync(ROOT + path, 'utf8')

/** The names in the index of a package, including types. */
function namesIn(name: string): readonly string[] {
  const lists = read(`packages/${name}/src/index.ts`).matchAll(/export (?:type )?\{([^}]*)\}/g)
  const entries = [...lists].flatMap(([, list = '']) => list.split(',')).map((entry) => entry.trim())
  return entries.filter(Boolean).map((entry) => entry.replace(/^(type |.* as )/, ''))
}

it('every folder of packages is a listed adapter or one of the other packages', () => {
  expect([...OTHERS, ...names].sort()).toEqual(readdirSync(`${ROOT}packages`).sort())
})

describe.each(names)('the %s adapter', (name) => {
  it(`the conformance suite has a host for @portvakt/${name}`, () => {
    const framework = name.replace(/js$/, '')
    expect(HOSTS.filter((host) => host.name.toLowerCase().startsWith(framework))).not.toEqual([])
  })

  it(`@portvakt/${name} has an example`, () => {
    const app = name === 'nestjs' ? 'app.module.ts' : 'app.ts'
    expect(existsSync(`${ROOT}examples/${name}/src/${app}`)).toBe(true)
  })

  it(`@portvakt/${name} has its own README and a row in the root README`, () => {
    expect(read('README.md')).toMatch(
      new RegExp(`^\\| \\[\`@portvakt/${name}\`\\]\\(packages/${name}/README.md\\) +\\|`, 'm'),
    )
    expect(read(`packages/${name}/README.md`)).toMatch(new RegExp(`^# @portvakt/${name}\n`))
  })

  it(`@portvakt/${name} exports all of core, and does not redefine a name of core`, () => {
    expect(read(`packages/${name}/src/index.ts`)).toContain("export * from '@portvakt/core'\n")
    const ofCore = namesIn('core')
    expect(ofCore).toEqual(expect.arrayContaining(['createMaskinportenValidator', 'VerifiedToken']))
    expect(namesIn(name)).toContain('getMaskinportenToken')
    expect(namesIn(name).filter((own) => ofCore.includes(own))).toEqual([])
  })

  it(`@portvakt/${name} exports getMaskinportenToken and its guard`, async () => {
    const exported: Record<string, unknown> = await import(`@portvakt/${name}`)
    const guard = name === 'nestjs' ? 'RequireMaskinportenScope' : 'requireMaskinportenScope'
    expect([typeof exported['getMaskinportenToken'], typeof exported[guard]]).toEqual([
      'function',
      'function',
    ])
  })

  it(`@portvakt/${name} uses no error class and does not branch on reasons`, () => {
    for (const file of readdirSync(`${ROOT}packages/${name}/src`)) {
      if (file === 'index.ts') continue
      expect(read(`packages/${name}/src/${file}`)).not.toMatch(
        /MaskinportenError|\.(reason|code)\s*[!=]==|switch \(.*\.(reason|code)\)/,
      )
    }
  })
})
