import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { read } from './blocks.js'
import { tableIn, tableOf } from './table.js'

/**
 * The tables in each generated block of a package's README. A table is given by the file of its original, and
 * by the heading of its first column.
 */
const BLOCKS: Readonly<Record<string, readonly (readonly [file: string, heading: string])[]>> = {
  requirements: [['docs/reference.md', 'member']],
  options: [
    ['docs/reference.md', 'option of `createMaskinportenValidator`'],
    ['docs/reference.md', 'option in `keys`'],
  ],
  answers: [['README.md', 'case']],
}

const BLOCK = /^<!-- (\w+) -->\n[\s\S]*?^<!-- \/\1 -->$/gm

const NAMES = ADAPTERS.map(({ name }) => name)

/**
 * Returns the file's table whose first column has this heading. Drops the column `elsewhere`, and makes links
 * relative to the package.
 */
function tableFor(name: string, file: string, heading: string): string {
  const [head = [], ...rows] = tableIn(read(file), heading)
  const moved = (cell: string) =>
    cell.replace(/\]\((?!https:)([^)#]*)/g, (_, target: string) => {
      const path = target === '' ? file : posix.join(posix.dirname(file), target)
      return `](${posix.relative(`packages/${name}`, path)}`
    })
  return tableOf(
    [head, ...rows].map((row) => row.filter((_, column) => head[column] !== 'elsewhere').map(moved)),
  )
}

function written(name: string): string {
  return read(`packages/${name}/README.md`).replace(BLOCK, (_, block: string) => {
    const tables = (BLOCKS[block] ?? []).map(([file, heading]) => tableFor(name, file, heading))
    return `<!-- ${block} -->\n\n${tables.join('\n\n')}\n\n<!-- /${block} -->`
  })
}

describe.each(['core', ...NAMES])('the README of %s', (name) => {
  it(`the README of ${name} has the tables of the reference and of the root README`, async () => {
    const blocks = [...read(`packages/${name}/README.md`).matchAll(BLOCK)].map(([, block]) => block)
    expect(blocks).toEqual(Object.keys(BLOCKS))
    // `vitest run test/docs -u` rewrites the file.
    await expect(written(name)).toMatchFileSnapshot(`../../packages/${name}/README.md`)
  })
})
