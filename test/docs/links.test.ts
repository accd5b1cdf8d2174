import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { read, TEXTS } from './blocks.js'
import { ROOT } from './compiler.js'

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

const links = TEXTS.flatMap((file) =>
  [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ file, target })),
)

it('every link in the texts leads to an existing file, and to a heading in it', () => {
  const inside = links.filter(({ target }) => !/^https?:/.test(target))
  expect(inside.length).toBeGreaterThan(20)
  const broken = inside.filter(({ file, target }) => {
    const [path = '', anchor] = target.split('#')
    const to = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path))
    if (!existsSync(join(ROOT, to))) return true
    return anchor !== undefined && !(to.endsWith('.md') && anchorsOf(to).includes(anchor))
  })
  expect(broken).toEqual([])
})

it('every external link in the texts uses https', () => {
  expect(links.filter(({ target }) => target.startsWith('http:'))).toEqual([])
})

it('every text in docs is linked from the table of contents in docs', () => {
  const guides = TEXTS.filter((file) => file.startsWith('docs/') && file !== 'docs/README.md')
  const contents = links.filter(({ file }) => file === 'docs/README.md').map(({ target }) => `docs/${target}`)
  expect(guides.filter((guide) => !contents.includes(guide))).toEqual([])
})
