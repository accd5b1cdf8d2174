import { expect, it } from 'vitest'
import { SCOPE_NAME } from '../../src/nais/definitions.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { exposing } from './manifests.js'
import { ANSWERS } from './verdicts.js'

/** Returns every text of at most this number of the characters `a`, `/`, `:` and `.`. */
function textsOf(length: number): readonly string[] {
  return length === 0
    ? ['']
    : ['', ...textsOf(length - 1).flatMap((text) => [...'a/:.'].map((one) => one + text))]
}

it('SCOPE_NAME matches the same texts as the pattern in NAIS’s definitions', () => {
  const field = ANSWERS.fields.find(({ path }) => path === 'maskinporten.scopes.exposes[].name')
  const original = new RegExp(String(field?.['pattern']))
  const texts = textsOf(7)
  const different = texts.filter((text) => SCOPE_NAME.pattern.test(text) !== original.test(text))
  expect([texts.length, different]).toEqual([21_845, []])
})

const mixed = (length: number) => 'a/'.repeat(length / 4) + ':ab'.repeat(length / 8) + '.c'.repeat(length / 8)
const shapes: readonly [string, (length: number) => string][] = [
  ['letters and a capital', (length) => `${'a'.repeat(length)}A`],
  ['segments with slashes', (length) => `${'a/'.repeat(length / 2)}A`],
  ['segments with colons', (length) => `${'a:'.repeat(length / 2)}A`],
  ['segments with dots', (length) => `ab${'.a'.repeat(length / 2)}A`],
  ['every kind of segment', (length) => `${mixed(length)}A`],
]

// The time limit fails for a pattern that takes quadratic time. NAIS’s own pattern takes exponential time.
it.each(shapes)(
  'a scope name of 400,000 characters with %s is refused within seconds',
  async (_, nameOf) => {
    const yaml = exposing('enabled: true', 'product: arbeid', `name: "${nameOf(400_000)}"`)
    const [app] = await readSource({ yaml }, {})
    const message = expect.stringContaining('at least two characters')
    expect(app?.document.problems).toMatchObject([{ line: 20, message }])
  },
  10_000,
)
