import { expect, it } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { BUN, DENO, NEWEST_TYPESCRIPT, NODES, OLDEST_TYPESCRIPT, WORKERD } from '../release/versions.mjs'
import { read } from './blocks.js'
import { tableOf } from './table.js'

/** Turns `^4.17.0 || ^5.0.0` into `4.17 to 5`. */
function majorsOf(range: string): string {
  const versions = range.split(' || ').map((version) => version.replace(/^\^/, '').replace(/(\.0)+$/, ''))
  return versions.length > 1 ? `${versions[0]} to ${versions.at(-1)}` : `${versions[0]}`
}

const portable = ADAPTERS.filter((adapter) => adapter.portable).map(({ name }) => `\`${name}\``)
const frameworks = ADAPTERS.flatMap(({ title, name, peers }) =>
  Object.values(peers)
    .slice(0, 1)
    .map((range) => [title, `${majorsOf(range)}${name === 'nestjs' ? ', on Express and Fastify' : ''}`]),
)

it('SECURITY.md lists the versions with which the test suites run', async () => {
  const table = tableOf([
    ['runtime or framework', 'supported'],
    ['Node', `20.19 and newer 20s; 22.12 and newer; tested to ${NODES.at(-1)?.split('.')[0]}`],
    [
      'Bun, Deno, workerd',
      `${new Intl.ListFormat('en-GB').format(['core', ...portable])}; tested on ${BUN}, ${DENO} and ${WORKERD}`,
    ],
    ...frameworks,
    [
      'TypeScript',
      `${OLDEST_TYPESCRIPT} and ${NEWEST_TYPESCRIPT}, \`moduleResolution\` \`nodenext\` and \`bundler\`; 5.9 also \`node10\``,
    ],
  ])
  const block = `<!-- versions -->\n\n${table}\n\n<!-- /versions -->`
  const written = read('SECURITY.md').replace(/^<!-- versions -->[\s\S]*<!-- \/versions -->$/m, () => block)
  // `vitest run test/docs -u` rewrites the file.
  await expect(written).toMatchFileSnapshot('../../SECURITY.md')
})
