import { expect, it } from 'vitest'
import { checkManifest, createMockMaskinporten, ManifestError } from '../../src/index.js'
import * as definitions from '../../src/nais/definitions.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { readDocuments } from '../../src/nais/yaml-document.js'
import { ALL, ANSWERS, isTaken, type Verdict } from './verdicts.js'

async function scopesOf({ yaml }: Verdict): Promise<{ exposes: string[]; consumes: string[] }> {
  const apps = await readSource({ yaml }, {})
  const specs = apps.flatMap(({ maskinporten }) => maskinporten ?? [])
  return {
    exposes: specs.flatMap(({ exposes }) => exposes.map(({ value }) => value.name)),
    consumes: specs.flatMap(({ consumes }) => consumes.map(({ value }) => value)),
  }
}

/** Returns `refuses` if the promise rejects with a ManifestError, and `accepts` if it resolves. */
const verbFor = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepts',
    (error: unknown) => {
      if (error instanceof ManifestError) return 'refuses'
      throw error
    },
  )

const rows = ALL.map((verdict) => [isTaken(verdict) ? 'accepts' : 'refuses', verdict.name, verdict] as const)

const mock = await createMockMaskinporten({ scopes: [] })

it.each(rows)('provision and checkManifest %s the manifest “%s”', async (verb, _name, verdict) => {
  const { yaml } = verdict
  const { exposes, consumes } = await scopesOf(verdict).catch(() => ({ exposes: [], consumes: [] }))
  for (const name of consumes) mock.addScope({ name })
  expect(await verbFor(mock.provision({ yaml }))).toBe(verb)
  // Guards cannot require a name with æ, ø or å, so the exposed scopes are listed as guarded elsewhere.
  const elsewhere = { exposedElsewhere: ['nav:other'], guardedElsewhere: exposes }
  const options = { ...elsewhere, onWarning: () => undefined }
  expect(await verbFor(checkManifest(['nav:other'], { yaml }, options))).toBe(verb)
})

it('the mock reads the same values from a manifest as go-yaml 2', () => {
  const read = ANSWERS.cases.flatMap(({ name, yaml, maskinporten }) => {
    const text = yaml ?? ''
    if (yaml === undefined || maskinporten === undefined) return []
    const [document] = readDocuments(name, { text, lineInFile: (line) => line })
    return [{ name, value: document?.value, maskinporten }]
  })
  expect(read.length).toBeGreaterThan(25)
  for (const { name, value, maskinporten } of read) expect(value, name).toEqual(maskinporten)
})

it('the rules in definitions.ts match NAIS’s definitions', () => {
  const { PRODUCT, MAX_AGE, VISIBILITY, SEPARATOR } = definitions
  const prefix = 'maskinporten.scopes.exposes'
  const field = (name: string) => ANSWERS.fields.find(({ path }) => path === `${prefix}${name}`)
  expect(field('[].product')).toMatchObject({ pattern: PRODUCT.pattern.source })
  expect(field('[].atMaxAge')).toMatchObject({ minimum: MAX_AGE.minimum, maximum: MAX_AGE.maximum })
  expect(field('')).toMatchObject({ rules_of_each: [{ rule: definitions.DELEGATION_RULE.cel }] })
  const enums = { visibility: VISIBILITY, delegationSource: definitions.DELEGATION_SOURCE }
  for (const [name, { pattern }] of Object.entries(enums))
    for (const value of [field(`[].${name}`)?.['enum']].flat()) expect(value).toMatch(pattern)
  expect(new RegExp(String(field('[].separator')?.['pattern'])).source).toBe('^[\\/:.]$')
  expect(SEPARATOR.pattern.source).toBe('^[/:.]$')
  expect([
    field('[].consumers[].orgno')?.['pattern'],
    definitions.ORGANISATION_NUMBER.pattern.source,
  ]).toEqual(['^\\d{9}$', '^[0-9]{9}$'])
  expect(definitions.API_VERSIONS).toMatchObject({ Application: 'nais.io/v1alpha1', Naisjob: 'nais.io/v1' })
})
