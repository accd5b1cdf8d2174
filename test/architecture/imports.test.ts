import { readdirSync, readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'

const CORE = new URL('../../packages/core/src/', import.meta.url)

/**
 * The flow of a request through core, one layer a line. A file imports from its own line and from those
 * above it, and never in a circle.
 */
const LAYERS = [
  [
    'clock',
    'connection-hint',
    'errors',
    'json',
    'key-problem',
    'loopback',
    'node-answer',
    'options',
    'organisation-number',
    'personal-data',
    'metadata',
    'nais-variables',
    'post-json',
    'post-json.node',
    'process-env',
    'proxy',
    'safe-cause',
    'url-rule',
  ],
  [
    'advice',
    'bearer',
    'compact-jws',
    'denial',
    'diagnosis',
    'fetch-json',
    'organisation',
    'resolve-issuer',
    'scope',
  ],
  ['consent', 'introspection-answer', 'system-user'],
  [
    'authorization-details',
    'introspect',
    'key-admission',
    'key-freshness',
    'key-health',
    'key-refresh',
    'key-source',
    'signature',
    'verified-token',
  ],
  ['claims', 'consent-rule', 'delegation-rule', 'issuer', 'key-set', 'requirement', 'token-reader'],
  ['access', 'decision', 'refusal-line', 'token-cache'],
  ['policy'],
  ['checks', 'config'],
  ['explanation', 'introspected-tokens', 'signed-tokens', 'texas-probe'],
  ['explain'],
  ['validator'],
  ['default-validator', 'texas-validator'],
  ['guard'],
  ['index'],
]

function importsOf(name: string): string[] {
  const source = readFileSync(new URL(`${name}.ts`, CORE), 'utf8')
  return [...source.matchAll(/from '([^']+)'/g)].map(([, specifier = '']) => specifier)
}

const files = readdirSync(CORE).map((file) => file.replace(/\.ts$/, ''))

it('every file of core has its place in the flow', () => {
  expect(LAYERS.flat().sort()).toEqual(files.sort())
})

test.each(files)('%s imports in the direction of the flow only', (name) => {
  const layer = LAYERS.findIndex((names) => names.includes(name))
  const own = importsOf(name).filter((specifier) => specifier.startsWith('./'))
  for (const specifier of own) {
    const imported = specifier.slice(2, -3)
    expect(
      LAYERS.findIndex((names) => names.includes(imported)),
      `${name} imports ${imported}`,
    ).toBeLessThanOrEqual(layer)
  }
})

it('core has no circular import', () => {
  const finished = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    expect(path, `a circle: ${[...path, name].join(' → ')}`).not.toContain(name)
    if (finished.has(name)) return
    for (const specifier of importsOf(name)) {
      if (specifier.startsWith('./')) visit(specifier.slice(2, -3), [...path, name])
    }
    finished.add(name)
  }
  for (const name of files) visit(name, [])
})

/** What package.json chooses by the runtime, and the file that Node gets. */
const CHOSEN = { '#post-json': 'post-json.node' }

it('core imports nothing but itself, jose and lru-cache: it runs wherever the web’s standards do', () => {
  const onNode = Object.values(CHOSEN)
  const foreign = files
    .filter((name) => !onNode.includes(name))
    .flatMap(importsOf)
    .filter((specifier) => !specifier.startsWith('./'))
  for (const specifier of foreign) expect(['jose', 'lru-cache', ...Object.keys(CHOSEN)]).toContain(specifier)
})

test.each(Object.entries(CHOSEN))('%s uses Node’s own modules on Node alone', (specifier, name) => {
  const { imports } = JSON.parse(readFileSync(new URL('../package.json', CORE), 'utf8'))
  const web = `./dist/${specifier.slice(1)}.js`
  // The first condition that holds counts. Bun and Deno set `node` too.
  expect(Object.entries(imports[specifier])).toEqual([
    ['types', web.replace('.js', '.d.ts')],
    ['bun', web],
    ['deno', web],
    ['node', `./dist/${name}.js`],
    ['default', web],
  ])
  const own = importsOf(name).filter((one) => !one.startsWith('node:'))
  // A type is gone at run time: tests may mix this file’s source with the others’ build.
  expect(own).toEqual([`./${specifier.slice(1)}.js`])
  expect(readFileSync(new URL(`${name}.ts`, CORE), 'utf8')).toContain(
    `import type { GetStatus, Post, PostAnswer, PostOptions }`,
  )
})

it('no published declaration of core mentions what the runtime chooses', () => {
  const dist = new URL('../dist/', CORE)
  for (const file of readdirSync(dist).filter((name) => name.endsWith('.d.ts'))) {
    expect(readFileSync(new URL(file, dist), 'utf8'), file).not.toMatch(
      /from '[#]|import\("#|types="node"|'node:/,
    )
  }
})
