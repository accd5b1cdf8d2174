import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url))

interface Source {
  readonly path: string
  /** The source without comments. */
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
  it('these architecture tests read more than 30 source files', () => {
    expect(sources.length).toBeGreaterThan(30)
  })

  it('only the answer table contains status codes', () => {
    // Mock and client are exempt: the mock answers as Maskinporten, and the client reads responses of other
    // servers.
    const ours = sources.filter(({ path }) => !/^(mock|client)\//.test(path))
    expect(filesWith(/\b(400|401|403|503)\b/, ours)).toEqual(['core/src/http/denial.ts'])
  })

  it('the source has no `any` and no suppressed error', () => {
    expect(filesWith(/:\s*any\b|\bas any\b|<any>|any\[\]/)).toEqual([])
    expect(readdirSync(PACKAGES).length).toBeGreaterThan(2)
    expect(sources.filter(({ path }) => /@ts-|biome-ignore/.test(readSource(path)))).toEqual([])
  })

  it('the source has only named exports, except that adapters re-export core', () => {
    const others = filesWith(/export (default|\*(?! from '@portvakt\/core'))/)
    expect(others).toEqual([])
    expect(filesWith(/export \*/).filter((path) => !path.endsWith('/src/index.ts'))).toEqual([])
  })

  it('only the client, the mock and the command import `internal` exports', () => {
    const importers = new Set(filesWith(/'@portvakt\/\w+\/internal'/).map((path) => path.split('/')[0]))
    expect([...importers].sort()).toEqual(['cli', 'client', 'mock'])
  })

  it('only the NODE_DEBUG line for refusals writes to the console', () => {
    expect(filesWith(/\bconsole\./)).toEqual(['core/src/decision/refusal-line.ts'])
  })

  it('only the set-up file, which is never loaded by `require`, awaits at top level', () => {
    expect(filesWith(/^(export )?(const|let) .*= await |^await /m)).toEqual(['mock/src/setup.ts'])
  })
})

function readSource(path: string): string {
  return readFileSync(join(PACKAGES, path), 'utf8')
}
