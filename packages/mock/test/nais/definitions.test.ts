import { expect, it } from 'vitest'
import { SCOPE_NAME } from '../../src/nais/definitions.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { ANSWERS } from './verdicts.js'

/** Returns every text of one to seven of these characters. */
function textsOf(characters: string): readonly string[] {
  let texts = ['']
  const all: string[] = []
  for (let length = 1; length <= 7; length++) {
    texts = texts.flatMap((text) => [...characters].map((character) => text + character))
    all.push(...texts)
  }
  return all
}

it('SCOPE_NAME matches the same texts as the pattern in NAIS’s definitions', () => {
  const field = ANSWERS.fields.find(({ path }) => path === 'maskinporten.scopes.exposes[].name')
  const original = new RegExp(String(field?.['pattern']))
  const texts = textsOf('a/:.')
  const different = texts.filter((text) => SCOPE_NAME.pattern.test(text) !== original.test(text))
  expect([texts.length, different]).toEqual([21_844, []])
})

/** Returns the shortest time of 50 runs, in ms. The scheduler is unlikely to interrupt every run. */
function shortest(name: string): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 50; round++) {
    const start = performance.now()
    SCOPE_NAME.pattern.test(name)
    best = Math.min(best, performance.now() - start)
  }
  return best
}

const FACTOR = 8
const mixed = (length: number) => 'a/'.repeat(length / 4) + ':ab'.repeat(length / 8) + '.c'.repeat(length / 8)
const shapes: readonly [string, (length: number) => string][] = [
  ['letters and a capital', (length) => `${'a'.repeat(length)}A`],
  ['segments with slashes', (length) => `${'a/'.repeat(length / 2)}A`],
  ['segments with colons', (length) => `${'a:'.repeat(length / 2)}A`],
  ['segments with dots', (length) => `ab${'.a'.repeat(length / 2)}A`],
  ['every kind of segment', (length) => `${mixed(length)}A`],
]

it.each(shapes)('matching SCOPE_NAME takes linear time for a long name with %s', (_title, nameOf) => {
  const short = shortest(nameOf(100_000 / FACTOR))
  const long = shortest(nameOf(100_000))
  // The limit is between linear growth (8 times) and quadratic growth (64 times). The pattern in NAIS’s
  // definitions takes exponential time.
  expect(long / short).toBeLessThan(FACTOR * 4)
})

it.each(shapes)(
  'a manifest whose scope has a name of 100,000 characters with %s is refused',
  async (_title, nameOf) => {
    const yaml = `apiVersion: nais.io/v1alpha1
kind: Application
metadata: { name: app }
spec: { maskinporten: { enabled: true, scopes: { exposes: [
  { enabled: true, product: arbeid, name: "${nameOf(100_000)}" }] } } }
`
    const [app] = await readSource({ yaml }, {})
    expect(app?.document.problems).toMatchObject([
      { line: 5, message: expect.stringContaining('at least two characters') },
    ])
  },
)
