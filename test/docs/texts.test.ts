import { describe, expect, it } from 'vitest'
import { blocksOf, read, TEXTS } from './blocks.js'
import { compileErrors } from './compiler.js'

describe('the texts', () => {
  it('have code that compiles, block by block', () => {
    const snippets = TEXTS.flatMap(blocksOf)
      .filter(({ language }) => language === 'ts')
      .map(({ file, line, code }) => ({
        at: `${file}:${line}`,
        // What a guide or the root README shows without import is Express's.
        home: /^packages\/(\w+)\//.exec(file)?.[1] ?? 'express',
        code,
      }))
    expect(snippets.length).toBeGreaterThan(20)
    expect(compileErrors(snippets)).toEqual([])
  }, 300_000)

  it('have blocks in languages that something checks', () => {
    const languages = new Set(TEXTS.flatMap(blocksOf).map(({ language }) => language))
    expect([...languages].filter((one) => !['ts', 'sh', 'yaml', 'json', ''].includes(one))).toEqual([])
  })

  it('have no tabs and no trailing white space', () => {
    expect(TEXTS.filter((file) => /\t|[ ]+$/m.test(read(file)))).toEqual([])
  })
})
