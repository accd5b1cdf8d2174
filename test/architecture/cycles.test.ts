import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url))

/** The imports of each file from its own package, including `import type`. */
function importsOf(name: string): ReadonlyMap<string, readonly string[]> {
  const root = join(PACKAGES, name, 'src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return new Map(
    files.map((file) => {
      const found = readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)\.js'/g)
      return [file, [...found].map(([, path = '']) => join(dirname(file), `${path}.ts`))]
    }),
  )
}

/** An import cycle, or undefined. */
function cycleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...way, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of imports.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

test('cycleIn finds a cycle', () => {
  const imports = { 'a.ts': ['b.ts'], 'b.ts': ['c.ts'], 'c.ts': ['b.ts'] }
  expect(cycleIn(new Map(Object.entries(imports)))).toEqual(['b.ts', 'c.ts', 'b.ts'])
})

test.each(readdirSync(PACKAGES))('the files of %s have no import cycle', (name) => {
  const imports = importsOf(name)
  // The command has main.ts instead of index.ts.
  expect((imports.get('index.ts') ?? imports.get('main.ts'))?.length).toBeGreaterThan(0)
  expect(cycleIn(imports)).toBeUndefined()
})
