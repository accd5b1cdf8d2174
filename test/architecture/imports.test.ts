import { readdirSync, readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'

const CORE = new URL('../../packages/core/src/', import.meta.url)

/** The folders in the order of a request. A folder imports only from itself and from earlier ones. */
const FOLDERS = [
  'platform',
  'errors',
  'jws',
  'claims',
  'http',
  'keys',
  'verifiers',
  'requirements',
  'decision',
  'config',
]

const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

function importsOf(file: string): string[] {
  const source = readFileSync(new URL(file, CORE), 'utf8')
  return [...source.matchAll(/from '([^']+)'/g)].map(([, specifier = '']) => specifier)
}

/** The position of a file's folder in `FOLDERS`. Files outside these folders come last. */
function floorOf(file: string): number {
  const [folder, rest] = file.split('/')
  return rest === undefined ? FOLDERS.length : FOLDERS.indexOf(folder ?? '')
}

function ownImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => new URL(specifier, new URL(file, CORE)).href.slice(CORE.href.length))
    .map((imported) => imported.replace(/\.js$/, '.ts'))
}

test.each(files)('core: %s imports only from its own folder and from earlier ones', (file) => {
  expect(floorOf(file)).toBeGreaterThanOrEqual(0)
  for (const imported of ownImportsOf(file)) {
    expect(floorOf(imported), `${file} imports ${imported}`).toBeLessThanOrEqual(floorOf(file))
  }
})

/** Imports that package.json resolves by runtime, with the file for Node. */
const CHOSEN = { '#post-json': 'platform/post-json.node.ts' }

it('core imports only itself, jose and lru-cache, except in files for Node', () => {
  const onNode = Object.values(CHOSEN)
  const foreign = files
    .filter((file) => !onNode.includes(file))
    .flatMap(importsOf)
    .filter((specifier) => !specifier.startsWith('.'))
  for (const specifier of foreign) expect(['jose', 'lru-cache', ...Object.keys(CHOSEN)]).toContain(specifier)
})

test.each(Object.entries(CHOSEN))('%s loads Node’s modules only on Node', (specifier, file) => {
  const { imports } = JSON.parse(readFileSync(new URL('../package.json', CORE), 'utf8'))
  const onNode = `./dist/${file.replace('.ts', '.js')}`
  const web = onNode.replace('.node.js', '.js')
  // The order matters: the first matching condition is used, and Bun and Deno also set `node`.
  expect(Object.entries(imports[specifier])).toEqual([
    ['types', web.replace('.js', '.d.ts')],
    ['bun', web],
    ['deno', web],
    ['node', onNode],
    ['default', web],
  ])
  const own = importsOf(file).filter((one) => !one.startsWith('node:'))
  // The file imports only types, so that tests can combine its source with the build of the other files.
  expect(own).toEqual([`./${specifier.slice(1)}.js`])
  expect(readFileSync(new URL(file, CORE), 'utf8')).toContain(
    `import type { GetStatus, Post, PostAnswer, PostOptions }`,
  )
})

const PACKAGES = new URL('../../packages/', import.meta.url)

it('only the client, the mock and the command import `internal` exports', () => {
  const importers = readdirSync(PACKAGES).filter((name) => {
    const source = new URL(`${name}/src/`, PACKAGES)
    return readdirSync(source, { recursive: true, encoding: 'utf8' }).some(
      (file) =>
        file.endsWith('.ts') &&
        /'@portvakt\/\w+\/internal'/.test(readFileSync(new URL(file, source), 'utf8')),
    )
  })
  expect(importers.sort()).toEqual(['cli', 'client', 'mock'])
})

it('no published declaration of core imports a runtime-specific file', () => {
  const dist = new URL('../dist/', CORE)
  const declarations = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  for (const file of declarations.filter((name) => name.endsWith('.d.ts'))) {
    expect(readFileSync(new URL(file, dist), 'utf8'), file).not.toMatch(
      /from '[#]|import\("#|types="node"|'node:/,
    )
  }
})
