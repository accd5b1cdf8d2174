import { relative } from 'node:path'
import ts from 'typescript5'
import { describe, expect, it } from 'vitest'
import { compileErrors, LIBRARIES, packagesProgram, ROOT, type Snippet } from './compiler.js'
import { documentedIn } from './exported.js'

const checker = packagesProgram().getTypeChecker()
const exported = LIBRARIES.flatMap(documentedIn)

const examplesOf = (target: ts.Symbol) =>
  target
    .getJsDocTags(checker)
    .filter(({ name }) => name === 'example')
    .map(({ text }) => ts.displayPartsToString(text))

describe('the doc comments of exports', () => {
  it('every exported name has a doc comment', () => {
    expect(exported.length).toBeGreaterThan(100)
    expect(exported.filter(({ text }) => text === '').map(({ name, path }) => `${name} in ${path}`)).toEqual(
      [],
    )
  })

  it('every exported function, class and constant has an example', () => {
    const values = exported.filter(({ target }) => target.flags & ts.SymbolFlags.Value)
    const without = values.filter(({ target }) => examplesOf(target).length === 0)
    expect(without.map(({ name, path }) => `${name} in ${path}`)).toEqual([])
  })

  it('every example in a doc comment compiles', () => {
    const snippets = packagesProgram()
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(`${ROOT}packages/`))
      .flatMap(examplesIn)
    expect(snippets.length).toBeGreaterThan(10)
    expect(compileErrors(snippets)).toEqual([])
  }, 60_000)
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
