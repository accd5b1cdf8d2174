import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { HOSTS } from '../conformance/hosts.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const NO_ADAPTERS = ['core', 'mock', 'client', 'cli']
const adapters = readdirSync(`${ROOT}packages`).filter((name) => !NO_ADAPTERS.includes(name))

const read = (path: string) => readFileSync(ROOT + path, 'utf8')

describe.each(adapters)('the %s adapter', (name) => {
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

  it('re-exports what every adapter re-exports', () => {
    const reExports = (adapter: string) =>
      /export \{([^}]*)\} from '@portvakt\/core'/.exec(read(`packages/${adapter}/src/index.ts`))?.[1]
    expect(reExports(name)).toBe(reExports('express'))
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
