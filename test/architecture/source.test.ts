import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url))

interface Source {
  readonly path: string
  /** Without comments, which may speak of what code may not do. */
  readonly code: string
}

const sources: Source[] = readdirSync(PACKAGES).flatMap((name) => {
  const folder = join(PACKAGES, name, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      path: `${name}/src/${file}`,
      code: readFileSync(join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
    }))
})

/** The files in which a pattern occurs. */
const filesWith = (pattern: RegExp, among = sources) =>
  among.filter(({ code }) => pattern.test(code)).map(({ path }) => path)

describe('the source', () => {
  it('is read by these tests', () => {
    expect(sources.length).toBeGreaterThan(30)
  })

  it('names a status code of an answer in the answer table alone', () => {
    // The mock answers as Maskinporten does, and the client reads what others answer.
    const ours = sources.filter(({ path }) => !/^(mock|client)\//.test(path))
    expect(filesWith(/\b(400|401|403|503)\b/, ours)).toEqual(['core/src/http/denial.ts'])
  })

  it('has no any and no suppressed error', () => {
    expect(filesWith(/:\s*any\b|\bas any\b|<any>|any\[\]/)).toEqual([])
    expect(readdirSync(PACKAGES).length).toBeGreaterThan(2)
    expect(sources.filter(({ path }) => /@ts-|biome-ignore/.test(readSource(path)))).toEqual([])
  })

  it('has named exports only, except that an adapter exports all of core', () => {
    expect(filesWith(/export default|export \*(?! from '@portvakt\/core'\n)/)).toEqual([])
    expect(filesWith(/export \*/).filter((path) => !path.endsWith('/index.ts'))).toEqual([])
  })

  it.each([
    ['core', ['cli', 'client', 'mock']],
    ['mock', ['cli']],
  ])('imports the internals of %s, which any release may change, only in %j', (name, allowed) => {
    const importers = filesWith(new RegExp(`'@portvakt/${name}/internal'`)).map((path) => path.split('/')[0])
    expect(importers).not.toEqual([])
    expect(importers.filter((importer = '') => !allowed.includes(importer))).toEqual([])
  })

  it('writes to the console only in the line per refusal that NODE_DEBUG asks for', () => {
    expect(filesWith(/\bconsole\./)).toEqual(['core/src/decision/refusal-line.ts'])
  })

  it('awaits at top level only in the set-up file, which nobody requires', () => {
    expect(filesWith(/^(export )?(const|let) .*= await |^await /m)).toEqual(['mock/src/setup.ts'])
  })
})

function readSource(path: string): string {
  return readFileSync(join(PACKAGES, path), 'utf8')
}
