import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, read, TEXTS } from './blocks.js'

const prose = (file: string) => read(file).replace(/^```[\s\S]*?^```$/gm, '')

/** The anchors that GitHub gives the headings of a file. */
const anchorsOf = (file: string) =>
  [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )

/** The texts for readers, and the README files of the tests to which these texts link. */
const LINKING = [
  ...TEXTS,
  ...['contract/security', 'tools/bench', 'tools/mutation'].map((name) => `test/${name}/README.md`),
]

it('every relative link in the documentation leads to an existing file and heading', () => {
  const inside = LINKING.flatMap((file) =>
    [...prose(file).matchAll(/\]\((?!https:)([^)\s]+)\)/g)].map(([, target = '']) => ({ file, target })),
  )
  expect(inside.length).toBeGreaterThan(20)
  const broken = inside.filter(({ file, target }) => {
    const [path = '', anchor] = target.split('#')
    const to = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path))
    if (!existsSync(join(ROOT, to))) return true
    return anchor !== undefined && !(to.endsWith('.md') && anchorsOf(to).includes(anchor))
  })
  expect(broken).toEqual([])
})
