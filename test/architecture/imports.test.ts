import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it, test } from 'vitest'
import { PACKAGES, ROOT, read } from '../docs/blocks.js'

/** The folders of core, lowest layer first. A folder imports only from itself and earlier folders. */
const FOLDERS = [
  ...['platform', 'errors', 'jws', 'claims', 'http', 'keys', 'verifiers', 'requirements', 'decision'],
  ...['config', 'openapi'],
]

function filesIn(folder: string): readonly string[] {
  const all = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return all.filter((file) => file.endsWith('.ts'))
}

/**
 * The imports of a source file, including `import type`. Files of the same package are returned as paths from
 * `src`.
 */
function importsOf(name: string, file: string): readonly string[] {
  const found = read(`packages/${name}/src/${file}`).matchAll(/(?:\bfrom |\bimport\(\s*|^import )'([^']+)'/gm)
  return [...found].map(([, specifier = '']) =>
    specifier.startsWith('.') ? join(dirname(file), specifier).replace(/\.js$/, '.ts') : specifier,
  )
}

/** The imports of every source file of a package, by file. */
const importsIn = (name: string) =>
  new Map(filesIn(`packages/${name}/src`).map((file) => [file, importsOf(name, file)]))

/** Everything that a file imports, directly or through other files. */
function loadedBy(file: string, imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const loaded = new Set(imports.get(file))
  for (const one of loaded) for (const imported of imports.get(one) ?? []) loaded.add(imported)
  return [...loaded]
}

const isOwn = (imported: string) => imported.endsWith('.ts')
const core = filesIn('packages/core/src')

/** The position of a file's folder in `FOLDERS`. Files outside these folders come last. */
function floorOf(file: string): number {
  const [folder, rest] = file.split('/')
  return rest === undefined ? FOLDERS.length : FOLDERS.indexOf(folder ?? '')
}

test.each(core)('the core file %s imports only from its own layer and lower layers', (file) => {
  expect(floorOf(file)).toBeGreaterThanOrEqual(0)
  for (const imported of importsOf('core', file).filter(isOwn)) {
    expect(floorOf(imported), `${file} imports ${imported}`).toBeLessThanOrEqual(floorOf(file))
  }
})

test.each([
  ['core', ['index.ts', 'adapter.ts', 'internal.ts']],
  ['fastify', ['index.ts']],
  ['nestjs', ['index.ts']],
])('@portvakt/%s loads its OpenAPI code only through the entry point `openapi`', (name, doors) => {
  const imports = importsIn(name)
  const loaded = doors.flatMap((door) => loadedBy(door, imports))
  expect(loaded.length).toBeGreaterThan(5)
  expect(loaded.filter((one) => /openapi/.test(one))).toEqual([])
  expect(imports.has('openapi.ts')).toBe(true)
})

/**
 * The imports that core's package.json resolves to a different file on each runtime, with the file for Node.
 */
const CHOSEN = { '#post-json': 'platform/post-json.node.ts', '#verify-rsa': 'jws/verify-rsa.node.ts' }

it('apart from the Node-only files, core’s files import only core, jose and lru-cache', () => {
  const onNode = Object.values(CHOSEN)
  const imports = core.filter((file) => !onNode.includes(file)).flatMap((file) => importsOf('core', file))
  for (const specifier of imports.filter((imported) => !isOwn(imported)))
    expect(['jose', 'lru-cache', ...Object.keys(CHOSEN)]).toContain(specifier)
})

test.each(Object.entries(CHOSEN))('the import %s loads Node’s modules only on Node', (specifier, file) => {
  const { imports: conditions } = JSON.parse(read('packages/core/package.json'))
  const onNode = `./dist/${file.replace('.ts', '.js')}`
  const web = onNode.replace('.node.js', '.js')
  // The order matters: the first matching condition is used, and Bun and Deno also set `node`.
  expect(Object.entries(conditions[specifier])).toEqual([
    ['types', web.replace('.js', '.d.ts')],
    ['bun', web],
    ['deno', web],
    ['node', onNode],
    ['default', web],
  ])
  const imports = read(`packages/core/src/${file}`).matchAll(
    /(?:^import (type )?[^']*|\bimport\(\s*|\} from )'([^']+)'/gm,
  )
  // Apart from Node's modules, the file imports only types, so it cannot load a second copy of the error
  // classes.
  for (const [line, isType, from] of imports) expect(isType ?? from, line).toMatch(/^(type |node:\w+)$/)
})

it('only the client, the mock and the command import `internal` exports', () => {
  const importers = PACKAGES.filter((name) => {
    const imports = [...importsIn(name).values()].flat()
    return imports.some((specifier) => /^@portvakt\/\w+\/internal$/.test(specifier))
  })
  expect(importers.sort()).toEqual(['cli', 'client', 'mock'])
})

it('no published declaration of core imports a runtime-specific file', () => {
  for (const file of filesIn('packages/core/dist').filter((name) => name.endsWith('.d.ts'))) {
    expect(read(`packages/core/dist/${file}`), file).not.toMatch(/from '[#]|import\("#|types="node"|'node:/)
  }
})

test.each(PACKAGES)('the files of %s have no import cycle', (name) => {
  const imports = importsIn(name)
  // The package `cli` has main.ts instead of index.ts.
  expect((imports.get('index.ts') ?? imports.get('main.ts'))?.some(isOwn)).toBe(true)
  expect([...imports.keys()].filter((file) => loadedBy(file, imports).includes(file))).toEqual([])
})
