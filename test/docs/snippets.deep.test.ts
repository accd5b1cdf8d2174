import { relative } from 'node:path'
import ts from 'typescript5'
import { expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { blocksOf, ROOT, TEXTS } from './blocks.js'
import { compileErrors, exportsOf, LIBRARIES, packagesProgram, type Snippet } from './compiler.js'

const checker = packagesProgram().getTypeChecker()

/**
 * The exports of all packages. Names that an adapter re-exports from core are left out, because core
 * documents them.
 */
const exported = LIBRARIES.flatMap((home) =>
  exportsOf(home).flatMap((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const [declaration] = target.declarations ?? []
    const path = declaration && relative(ROOT, declaration.getSourceFile().fileName)
    return path?.startsWith(`packages/${home}/`) ? [{ at: `${symbol.name} in ${path}`, target }] : []
  }),
)

it('every exported name has a doc comment', () => {
  expect(exported.length).toBeGreaterThan(100)
  const without = exported.filter(({ target }) => target.getDocumentationComment(checker).length === 0)
  expect(without.map(({ at }) => at)).toEqual([])
})

it('every exported function, class and constant has an example', () => {
  const values = exported.filter(({ target }) => target.flags & ts.SymbolFlags.Value)
  const without = values.filter(
    ({ target }) => !target.getJsDocTags(checker).some(({ name }) => name === 'example'),
  )
  expect(without.map(({ at }) => at)).toEqual([])
})

it('every example in a doc comment compiles', () => {
  const files = packagesProgram().getSourceFiles()
  const snippets = files.filter(({ fileName }) => fileName.startsWith(`${ROOT}packages/`)).flatMap(examplesIn)
  expect(snippets.length).toBeGreaterThan(10)
  expect(compileErrors(snippets)).toEqual([])
}, 300_000)

it('every TypeScript block in the documentation compiles on its own', () => {
  const snippets = TEXTS.flatMap(blocksOf)
    .filter(({ language }) => language === 'ts')
    .map(({ file, line, code }) => ({
      at: `${file}:${line}`,
      // In the guides and the root README, undeclared names come from the Express package.
      home: /^packages\/(\w+)\//.exec(file)?.[1] ?? 'express',
      code,
    }))
  expect(snippets.length).toBeGreaterThan(20)
  expect(compileErrors(snippets)).toEqual([])
}, 300_000)

it('every code block in the documentation has a language that a test runs, compiles or parses', () => {
  const blocks = TEXTS.flatMap(blocksOf)
  const languages = new Set(blocks.map(({ language }) => language))
  // `text` is a diagram.
  expect([...languages].sort()).toEqual(['json', 'sh', 'text', 'ts', 'yaml'])
  for (const { language, code } of blocks) {
    // A block can be one member of a configuration.
    if (language === 'json') JSON.parse(code.startsWith('{') ? code : `{${code}}`)
    if (language === 'yaml') parseYaml(code)
  }
})

/** Every `@example` in a file, including those of members. */
function examplesIn(source: ts.SourceFile): readonly Snippet[] {
  const path = relative(ROOT, source.fileName)
  const home = path.split('/')[1] ?? ''
  const found: Snippet[] = []
  const visit = (node: ts.Node) => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue
      const text = ts.getTextOfJSDocComment(tag.comment) ?? ''
      const code = text.replace(/^```ts\n|\n?```$/g, '')
      const { line } = source.getLineAndCharacterOfPosition(tag.getStart())
      found.push({ at: `${path}:${line + 1}`, home, code })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
