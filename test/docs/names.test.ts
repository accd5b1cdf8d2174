import { expect, it } from 'vitest'
import { exportsOf, LIBRARIES } from './compiler.js'
import { documentedIn } from './exported.js'
import { tableOf } from './table.js'

/** What the docs of a name begin with. */
const firstSentence = (text: string) =>
  (/^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text)
    .replace(/\{@link (\S+?)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replace(/[.:]$/, '')
    .replaceAll('|', '\\|')

function sectionOf(home: string): string {
  const own = documentedIn(home)
  const rows = own.map(({ name, path, text }) => [`[\`${name}\`](../${path})`, firstSentence(text)])
  const others = exportsOf(home)
    .map(({ name }) => name)
    .filter((name) => !own.some((one) => one.name === name))
  const setUp =
    home === 'mock'
      ? '\nAnd of `@portvakt/mock/setup`: [`maskinporten`](../packages/mock/src/setup.ts), a mock that is started before the tests.\n'
      : ''
  const also = others.length > 0 ? `\nAnd of core: ${others.map((name) => `\`${name}\``).join(', ')}.\n` : ''
  return `## @portvakt/${home}\n\n${tableOf([['name', 'what it is'], ...rows])}\n${also}${setUp}`
}

it('the list of names has everything that a package exports', async () => {
  const page = `# Every name

What each package exports, and where it is declared, with its options, units, defaults and errors. An adapter exports again what its users need of core.

${LIBRARIES.map(sectionOf).join('\n')}`
  // Written anew by `vitest run test/docs -u`.
  await expect(page).toMatchFileSnapshot('../../docs/names.md')
}, 60_000)
