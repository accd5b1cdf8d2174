import { relative } from 'node:path'
import ts from 'typescript5'
import { exportsOf, packagesProgram, ROOT } from './compiler.js'

/** An export that the package itself declares, with the documentation of the export. */
export interface Exported {
  readonly name: string
  /** The file that declares it. */
  readonly path: string
  readonly target: ts.Symbol
  readonly text: string
}

/** The exports of a package, without names that an adapter re-exports from core: core documents those. */
export function documentedIn(home: string): readonly Exported[] {
  const checker = packagesProgram().getTypeChecker()
  return exportsOf(home).flatMap((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const [declaration] = target.declarations ?? []
    const path = declaration && relative(ROOT, declaration.getSourceFile().fileName)
    if (!path?.startsWith(`packages/${home}/`)) return []
    const text = ts.displayPartsToString(target.getDocumentationComment(checker)).trim()
    return [{ name: symbol.name, path, target, text }]
  })
}
