import { expect, test } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { read } from './blocks.js'
import { PACKAGES } from './compiler.js'

const manifestOf = (name: string): { engines: { node: string }; peerDependencies: Record<string, string> } =>
  JSON.parse(read(`packages/${name}/package.json`))

/** Turns `^4.17.0 || ^5.0.0` into `4.17 to 5`. */
function majorsOf(range: string): string {
  const versions = range.split(' || ').map((version) => version.replace(/^\^/, '').replace(/(\.0)+$/, ''))
  return versions.length > 1 ? `${versions[0]} to ${versions.at(-1)}` : `${versions[0]}`
}

/** The platforms that a framework itself runs on. */
const ON: Readonly<Record<string, string>> = { nestjs: ', on Express and Fastify' }
const runtimes = read('test/runtimes/run.mjs')
const newestNode = () =>
  Math.max(...[...runtimes.matchAll(/'(\d+)\.\d+\.\d+'/g)].map(([, major]) => Number(major)))
const compilers = () =>
  [...read('test/packaging/used.case.ts').matchAll(/'(?:typescript5@npm:)?typescript@([\d.]+)'/g)]
    .map(([, version]) => version)
    .sort()

/** The rows of the table in SECURITY.md, generated from the manifests and the versions that tests run. */
const ROWS: readonly (readonly [name: string, row: () => string])[] = [
  [
    'Node',
    () => {
      const [range, ...others] = new Set(PACKAGES.map((name) => manifestOf(name).engines.node))
      expect([range, ...others]).toEqual(['^20.19.0 || >=22.12.0'])
      return `20.19 and newer 20s; 22.12 and newer; tested to ${newestNode()}`
    },
  ],
  [
    'Bun, Deno, workerd',
    () => {
      const names = [...runtimes.matchAll(/name: '(\w+) /g)].map(([, name]) => name)
      expect(names).toEqual(expect.arrayContaining(['bun', 'deno', 'workerd']))
      const portable = ADAPTERS.filter((adapter) => adapter.portable).map((adapter) => `\`${adapter.name}\``)
      const list = new Intl.ListFormat('en-GB').format(['core', ...portable])
      return `${list}, on what \`test/runtimes\` names`
    },
  ],
  ...ADAPTERS.filter((adapter) => Object.keys(adapter.peers).length > 0).map(
    ({ title, name, peers }): readonly [string, () => string] => [
      title,
      () =>
        `${majorsOf(manifestOf(name).peerDependencies[Object.keys(peers)[0] ?? ''] ?? '')}${ON[name] ?? ''}`,
    ],
  ),
  [
    'TypeScript',
    () =>
      `${compilers().join(' and ')}, \`moduleResolution\` \`nodenext\` and \`bundler\`; 5.9 also \`node10\``,
  ],
]

const table = new Map(
  [...read('SECURITY.md').matchAll(/^\| (\w[\w, ]*?) +\| (.+?) +\|$/gm)].map(([, name = '', row]) => [
    name,
    row,
  ]),
)

test.each(ROWS)('SECURITY.md lists the versions that manifests declare and tests run: %s', (name, row) => {
  expect(table.get(name)).toBe(row())
})
