import { describe, expect, it } from 'vitest'
import { blocksOf, TEXTS } from './blocks.js'
import { compileErrors } from './compiler.js'

describe('the texts', () => {
  it('every TypeScript block in the texts compiles on its own', () => {
    const snippets = TEXTS.flatMap(blocksOf)
      .filter(({ language }) => language === 'ts')
      .map(({ file, line, code }) => ({
        at: `${file}:${line}`,
        // In the guides and the root README, names without import are those of the Express package.
        home: /^packages\/(\w+)\//.exec(file)?.[1] ?? 'express',
        code,
      }))
    expect(snippets.length).toBeGreaterThan(20)
    expect(compileErrors(snippets)).toEqual([])
  }, 300_000)

  it('every block in the texts has a language that a test checks', () => {
    const languages = new Set(TEXTS.flatMap(blocksOf).map(({ language }) => language))
    expect([...languages].filter((one) => !['ts', 'sh', 'yaml', 'json', ''].includes(one))).toEqual([])
  })
})
