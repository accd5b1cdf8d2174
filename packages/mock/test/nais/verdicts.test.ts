import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  checkManifest,
  createMockMaskinporten,
  ManifestError,
  type MockMaskinporten,
} from '../../src/index.js'
import {
  API_VERSIONS,
  DELEGATION_RULE,
  DELEGATION_SOURCE,
  MAX_AGE,
  ORGANISATION_NUMBER,
  PRODUCT,
  SEPARATOR,
  VISIBILITY,
} from '../../src/nais/definitions.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { readDocuments } from '../../src/nais/yaml-document.js'
import { ANSWERS, CASES, DOCUMENTS, type Verdict } from './verdicts.js'

const NOT_A_SCOPE = 'digdirator leaves a consumed name that is not a scope off the client'

/** What the API server takes and we refuse, beside unknown members under `spec.maskinporten`. */
const REFUSED_HERE: Readonly<Record<string, string>> = {
  'consumes with an empty name': NOT_A_SCOPE,
  'consumes without a prefix': NOT_A_SCOPE,
  'consumes with no prefix before the colon': NOT_A_SCOPE,
  'consumes with a space': NOT_A_SCOPE,
}

/** Unknown members that NAIS's deploy refuses and we take: members that have nothing to do with Maskinporten. */
const NOT_CHECKED_HERE: readonly string[] = [
  'unknown member of metadata',
  'unknown member beside spec',
  'unknown member of spec',
]

/** By NAIS's deploy, whose strict validation refuses unknown members, and by our own reasons above. */
function isTaken({ name, accepted, pruned }: Verdict): boolean {
  if (NOT_CHECKED_HERE.includes(name)) return accepted
  return accepted && pruned.length === 0 && !(name in REFUSED_HERE)
}

async function scopesOf({ yaml }: Verdict): Promise<{ exposes: string[]; consumes: string[] }> {
  const apps = await readSource({ yaml }, {})
  const specs = apps.flatMap(({ maskinporten }) => maskinporten ?? [])
  return {
    exposes: specs.flatMap(({ exposes }) => exposes.map(({ value }) => value.name)),
    consumes: specs.flatMap(({ consumes }) => consumes.map(({ value }) => value)),
  }
}

/** Whether a promise is rejected because of the manifest, and not otherwise. */
async function takes(promise: Promise<unknown>): Promise<boolean> {
  try {
    await promise
    return true
  } catch (error) {
    if (error instanceof ManifestError) return false
    throw error
  }
}

const ALL = [...CASES, ...DOCUMENTS]
const rows = ALL.map((verdict) => [isTaken(verdict) ? 'takes' : 'refuses', verdict.name, verdict] as const)

it('there is a verdict for every case of the API server, and each exception is one of them', () => {
  expect([CASES.length, DOCUMENTS.length]).toEqual([222, 34])
  const names = ALL.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining([...Object.keys(REFUSED_HERE), ...NOT_CHECKED_HERE]))
})

describe('provision', () => {
  let mock: MockMaskinporten
  beforeAll(async () => {
    mock = await createMockMaskinporten({ scopes: [] })
  })

  it.each(rows)('%s: %s', async (_verdict, _name, verdict) => {
    const { consumes } = await scopesOf(verdict).catch(() => ({ consumes: [] }))
    for (const name of consumes) mock.addScope({ name })
    expect(await takes(mock.provision({ yaml: verdict.yaml }))).toBe(isTaken(verdict))
  })
})

describe('checkManifest', () => {
  it.each(rows)('%s: %s', async (_verdict, _name, verdict) => {
    const { exposes } = await scopesOf(verdict).catch(() => ({ exposes: [] }))
    // Guards cannot ask for a name with æ, ø or å, so these are guarded elsewhere.
    const options = {
      exposedElsewhere: ['nav:other'],
      guardedElsewhere: exposes,
      onWarning: () => undefined,
    }
    expect(await takes(checkManifest(['nav:other'], { yaml: verdict.yaml }, options))).toBe(isTaken(verdict))
  })
})

describe('the command `scopes`', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'verdicts-'))
    await Promise.all(ALL.map(({ yaml }, index) => writeFile(join(directory, `${index}.yaml`), yaml)))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const filesOf = (isWanted: boolean) =>
    ALL.flatMap((verdict, index) => (isTaken(verdict) === isWanted ? [`${index}.yaml`] : []))
  const scopes = (files: readonly string[]) =>
    new Promise<{ code: number; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, 'scopes', ...files], { cwd: directory }, (error, _stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stderr }),
      )
    })

  it('takes every manifest that the others take', async () => {
    expect(await scopes(filesOf(true))).toMatchObject({ code: 0 })
  })

  it('refuses every manifest that the others refuse, all in one run', async () => {
    const { code, stderr } = await scopes(filesOf(false))
    const named = new Set(
      stderr.split('\n').flatMap((line) => /^(?:portvakt-mock: )?(\d+\.yaml):/.exec(line)?.[1] ?? []),
    )
    expect([code, [...named].sort()]).toEqual([1, filesOf(false).sort()])
  })
})

it('YAML becomes the values that go-yaml 2 makes of it', () => {
  const read = ANSWERS.cases.flatMap(({ name, yaml, maskinporten }) => {
    const text = yaml ?? ''
    if (yaml === undefined || maskinporten === undefined) return []
    const [document] = readDocuments(name, { text, lineInFile: (line) => line })
    return [{ name, value: document?.value, maskinporten }]
  })
  expect(read.length).toBeGreaterThan(25)
  for (const { name, value, maskinporten } of read) expect(value, name).toEqual(maskinporten)
})

it('the rules are those of the definitions', () => {
  const prefix = 'maskinporten.scopes.exposes'
  const field = (name: string) => ANSWERS.fields.find(({ path }) => path === `${prefix}${name}`)
  expect(field('[].product')).toMatchObject({ pattern: PRODUCT.pattern.source })
  expect(field('[].atMaxAge')).toMatchObject({ minimum: MAX_AGE.minimum, maximum: MAX_AGE.maximum })
  expect(field('')).toMatchObject({ rules_of_each: [{ rule: DELEGATION_RULE.cel }] })
  for (const [name, { pattern }] of Object.entries({
    visibility: VISIBILITY,
    delegationSource: DELEGATION_SOURCE,
  }))
    for (const value of [field(`[].${name}`)?.['enum']].flat()) expect(value).toMatch(pattern)
  expect(new RegExp(String(field('[].separator')?.['pattern'])).source).toBe('^[\\/:.]$')
  expect(SEPARATOR.pattern.source).toBe('^[/:.]$')
  expect([field('[].consumers[].orgno')?.['pattern'], ORGANISATION_NUMBER.pattern.source]).toEqual([
    '^\\d{9}$',
    '^[0-9]{9}$',
  ])
  expect(API_VERSIONS).toMatchObject({ Application: 'nais.io/v1alpha1', Naisjob: 'nais.io/v1' })
})
