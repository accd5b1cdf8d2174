import { existsSync } from 'node:fs'
import { join } from 'node:path'
// TypeScript 7 does not have this API yet.
import ts from 'typescript5'
import { PACKAGES, ROOT } from './blocks.js'
import { declarationOf } from './context.js'

const entryOf = (name: string, door = 'index') => join(ROOT, 'packages', name, `src/${door}.ts`)

/** The entry points of a package that snippets can use. */
const DOORS = ['index', 'adapter', 'openapi', 'internal']
const doorsOf = (name: string) =>
  DOORS.filter((door) => existsSync(entryOf(name, door)) && (door !== 'internal' || name === 'core'))

/** The packages with exports. The remaining package, cli, is a command. */
export const LIBRARIES = PACKAGES.filter((name) => existsSync(entryOf(name)))

/** A code block of a text. */
export interface Snippet {
  /** File and line, for error messages. */
  readonly at: string
  /** The package that the text documents. Its exports need no import in the snippet. */
  readonly home: string
  readonly code: string
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
  baseUrl: ROOT,
  paths: {
    '@portvakt/core/*': ['packages/core/src/*.ts'],
    '@portvakt/fastify/openapi': ['packages/fastify/src/openapi.ts'],
    '@portvakt/nestjs/openapi': ['packages/nestjs/src/openapi.ts'],
    '@portvakt/mock/setup': ['packages/mock/src/setup.ts'],
    '@portvakt/mock/internal': ['packages/mock/src/internal.ts'],
    '@portvakt/*': ['packages/*/src/index.ts'],
    // Only @portvakt/nestjs has these packages installed.
    '@nestjs/apollo': ['packages/nestjs/node_modules/@nestjs/apollo/dist/index.d.ts'],
    '@nestjs/graphql': ['packages/nestjs/node_modules/@nestjs/graphql/dist/index.d.ts'],
  },
}

/** "A 'return' statement can only be used within a function body": snippets can be the body of a handler. */
const RETURN_OUTSIDE = 1108
/** The variants of "Cannot find name". */
const UNKNOWN_NAME = new Set([2304, 2503, 2552, 2593, 18004])

let known: ts.Program | undefined
/** Cache of the parsed source files that are not snippets, by path. */
const parsed = new Map<string, ts.SourceFile>()

/** The program of all packages. */
export function packagesProgram(): ts.Program {
  known ??= ts.createProgram(
    LIBRARIES.flatMap((name) => doorsOf(name).map((door) => entryOf(name, door))),
    OPTIONS,
  )
  return known
}

/**
 * The exported symbols of a package.
 *
 * @param door the entry point: one of `DOORS`
 */
export function exportsOf(name: string, door = 'index'): readonly ts.Symbol[] {
  const checker = packagesProgram().getTypeChecker()
  const source = packagesProgram().getSourceFile(entryOf(name, door))
  const symbol = source && checker.getSymbolAtLocation(source)
  if (!symbol) throw new Error(`${name} has no entry point`)
  return checker.getExportsOfModule(symbol)
}

/**
 * Type-checks each snippet as a separate module. An undeclared name is imported from the snippet's `home`
 * package or, if that package does not export the name, declared as in context.ts. Returns the errors with
 * their locations.
 */
export function compileErrors(snippets: readonly Snippet[]): readonly string[] {
  const bare = new Map(snippets.map((snippet, index) => [pathOf(index), snippet.code]))
  const first = check(bare)
  const complete = new Map(
    snippets.map((snippet, index) => {
      const missing = new Set((first.get(pathOf(index)) ?? []).flatMap(({ name }) => name ?? []))
      const preamble = [...missing].map((name) => preambleFor(name, snippet.home)).join(' ')
      return [pathOf(index), `${preamble}\n${snippet.code}`]
    }),
  )
  const found = check(complete)
  return snippets.flatMap(({ at }, index) =>
    (found.get(pathOf(index)) ?? []).map(({ line, message }) => `${at}, line ${line}: ${message}`),
  )
}

interface Problem {
  readonly line: number
  readonly message: string
  /** The undeclared name, if the error is about one. */
  readonly name?: string
}

// Snippets get paths in docs/, where the libraries in the migration guides are installed. No file is written.
const pathOf = (index: number) => join(ROOT, 'docs', `snippet-${index}.ts`)

/** The reader's own application, which snippets of tests import. */
const APP = join(ROOT, 'docs/app.mts')

function preambleFor(name: string, home: string): string {
  const door = doorsOf(home).find((one) => exportsOf(home, one).some((symbol) => symbol.name === name))
  if (door === undefined) return declarationOf(name, home)
  return `import { ${name} } from '@portvakt/${home}${door === 'index' ? '' : `/${door}`}';`
}

function check(texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Problem[]> {
  const host = ts.createCompilerHost(OPTIONS)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || path === APP || fileExists(path)
  host.getSourceFile = (path, options, ...rest) => {
    const text = texts.get(path)
    // `export {}` makes each snippet a module, so that snippets do not share names.
    if (path === APP)
      return ts.createSourceFile(path, "export declare const app: import('express').Express", options)
    if (text !== undefined) return ts.createSourceFile(path, `${text}\nexport {}`, options, true)
    const source =
      packagesProgram().getSourceFile(path) ?? parsed.get(path) ?? getSourceFile(path, options, ...rest)
    if (source) parsed.set(path, source)
    return source
  }
  // docs/package.json has `type: module`, so snippets can use top-level await.
  const program = ts.createProgram(
    [...texts.keys(), join(ROOT, 'test/contract/older-majors.d.ts')],
    OPTIONS,
    host,
  )
  return new Map([...texts.keys()].map((path) => [path, problemsIn(program, path)]))
}

function problemsIn(program: ts.Program, path: string): readonly Problem[] {
  const source = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter(({ code }) => code !== RETURN_OUTSIDE)
    .map(({ code, messageText, start = 0, length = 0, file }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, ' ')
      // The message of error 18004 does not quote the name, so the name is read from the error's position in
      // the snippet.
      const name = UNKNOWN_NAME.has(code)
        ? (/name '([^']+)'/.exec(message)?.[1] ?? file?.text.slice(start, start + length))
        : undefined
      const line = file?.getLineAndCharacterOfPosition(start).line ?? 0
      return { line, message, ...(name && { name }) }
    })
}
