import { readFileSync } from 'node:fs'

/** A verdict of an API server that has NAIS's definitions. `about` in the file names the versions of both. */
export interface Verdict {
  readonly name: string
  /** A whole manifest. */
  readonly yaml: string
  readonly accepted: boolean
  /** Members that the definitions do not have. NAIS's deploy refuses a manifest that has such members. */
  readonly pruned: readonly string[]
}

interface Answers {
  readonly fields: readonly Readonly<Record<string, unknown>>[]
  readonly cases: readonly (Omit<Verdict, 'yaml'> & {
    readonly yaml?: string
    readonly maskinporten?: unknown
  })[]
  readonly documents: readonly Verdict[]
}

export const ANSWERS: Answers = JSON.parse(
  readFileSync(new URL('api-server-verdicts.json', import.meta.url), 'utf8'),
)

const HEAD = `apiVersion: nais.io/v1alpha1
kind: Application
metadata: { name: app, namespace: team-a }
spec:
  image: a
  maskinporten:`

const indented = (text: string) => text.replaceAll(/^/gm, '    ')

/** Manifests that differ in `spec.maskinporten`. */
const CASES: readonly Verdict[] = ANSWERS.cases.map(({ yaml, maskinporten, ...verdict }) => ({
  ...verdict,
  // JSON is also YAML.
  yaml: yaml === undefined ? `${HEAD} ${JSON.stringify(maskinporten)}\n` : `${HEAD}\n${indented(yaml)}\n`,
}))

/** Manifests that differ outside `spec.maskinporten`. */
const DOCUMENTS: readonly Verdict[] = ANSWERS.documents.map(({ yaml, ...verdict }) => ({
  ...verdict,
  yaml: yaml.replace(/\{a × (\d+)\}/, (_all, count) => 'a'.repeat(Number(count))),
}))

export const ALL: readonly Verdict[] = [...CASES, ...DOCUMENTS]

const NOT_A_SCOPE = 'digdirator leaves a consumed name that is not a scope off the client'

/**
 * Manifests that the API server accepts and the mock refuses, with the reason. The mock also refuses unknown
 * members.
 */
const REFUSED_HERE: Readonly<Record<string, string>> = {
  'consumes with an empty name': NOT_A_SCOPE,
  'consumes without a prefix': NOT_A_SCOPE,
  'consumes with no prefix before the colon': NOT_A_SCOPE,
  'consumes with a space': NOT_A_SCOPE,
}

/**
 * Manifests that NAIS's deploy refuses and the mock accepts, because their unknown members do not concern
 * Maskinporten.
 */
const NOT_CHECKED_HERE: readonly string[] = [
  'unknown member of metadata',
  'unknown member next to spec',
  'unknown member of spec',
]

/**
 * Whether the mock must accept a manifest. Apart from the exceptions above, the mock must accept exactly the
 * manifests that NAIS's deploy accepts. The deploy refuses unknown members.
 */
export function isTaken({ name, accepted, pruned }: Verdict): boolean {
  if (NOT_CHECKED_HERE.includes(name)) return accepted
  return accepted && pruned.length === 0 && !(name in REFUSED_HERE)
}
