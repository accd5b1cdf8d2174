import { expect, it } from 'vitest'
import { checkManifest, createMockMaskinporten, ManifestError } from '../../src/index.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { warningsOf } from './manifests.js'

const mock = await createMockMaskinporten()

const APP = `apiVersion: nais.io/v1alpha1
kind: Application
metadata:
  name: app
  namespace: team-a
spec:
  image: a
  maskinporten:
    enabled: true
`
const JOB = APP.replace('v1alpha1', 'v1').replace('Application', 'Naisjob')
const app = (text: string | RegExp, by: string) => APP.replace(text, by)

async function problemsOf(yaml: string): Promise<string> {
  const [first] = await readSource({ yaml, file: 'a.yaml' }, {})
  const problems = first?.document.problems ?? []
  return problems.map(({ line, path, message }) => `${line}: ${path} ${message}`).join('\n')
}

it.each([
  ['lacks a letter', app('maskinporten', 'maskinportn'), '8: spec.maskinportn'],
  ['has two letters swapped', app('maskinporten', 'maksinporten'), '8: spec.maksinporten'],
  ['has a capital letter', app('maskinporten', 'Maskinporten'), '8: spec.Maskinporten'],
  ['is next to `spec`', APP.replaceAll(/^ {2}( {2}enabled|maskin)/gm, '$1'), '8: maskinporten'],
  ['is in `metadata`', app('spec:', '  maskinporten: {}\nspec:'), '6: metadata.maskinporten'],
])('a manifest is refused if the key `maskinporten` %s', async (_title, yaml, place) => {
  const hint = 'did you mean `spec.maskinporten`?'
  expect(await problemsOf(yaml)).toBe(`${place} is not known here: ${hint}`)
  await expect(mock.provision({ yaml })).rejects.toThrow(hint)
  const options = { exposedElsewhere: ['nav:x'] }
  await expect(checkManifest(['nav:x'], { yaml }, options)).rejects.toThrow(ManifestError)
})

it.each([
  ['no `maskinporten`', app(/ {2}maskinporten:[\s\S]*$/, '')],
  ['an empty `maskinporten`', app('    enabled: true\n', '')],
])('a manifest with %s causes one warning', async (_title, yaml) => {
  const message = 'has no `maskinporten`: the app gets no client and exposes no scopes'
  expect(await warningsOf(yaml)).toEqual([{ file: 'nais.yaml', line: 6, path: 'spec', message }])
})

const NO_APPLICATION = 'which has no Application: write nais.io/v1alpha1'
const NO_JOB = 'which has no Naisjob: write nais.io/v1'
it.each([
  ['Application in v1', app('v1alpha1', 'v1'), `nais.io/v1, ${NO_APPLICATION}`],
  ['Application in nais.io', app('/v1alpha1', ''), `nais.io, ${NO_APPLICATION}`],
  ['Naisjob in v1alpha1', JOB.replace('v1', 'v1alpha1'), `nais.io/v1alpha1, ${NO_JOB}`],
])('the kind %s is refused, because that API version lacks the kind', async (_title, yaml, message) => {
  expect(await problemsOf(yaml)).toBe(`1: apiVersion is ${message}`)
})

it('an unknown kind is refused, and the message names the right kind', async () => {
  const message = '2: kind is NaisJob, which the cluster does not have: write Naisjob'
  expect(await problemsOf(JOB.replace('Naisjob', 'NaisJob'))).toBe(message)
})

it.each(['AzureAdApplication', 'IDPortenClient'])('a resource of the kind %s is ignored', async (kind) => {
  const other = APP.replace('Application', kind).replace('maskinporten', 'maskinportn')
  const apps = await readSource({ yaml: `${APP}---\n${other}` }, {})
  expect(apps.map(({ document }) => document.problems)).toEqual([[]])
})

const RFC_1123 = 'must be lower-case letters, digits, "-" and ".", 253 characters at most (RFC 1123)'
const LABEL = 'must be lower-case letters, digits and "-", 63 characters at most (RFC 1123)'
const LABEL_VALUE = 'must be letters, digits, "-", "_" and ".", 63 characters at most, in quotes'
const JOB_NAME = RFC_1123.replace('253', '63')
const annotated = (annotation: string) => app('namespace', `annotations: { ${annotation} }\n  namespace`)
const LABELLED = app('namespace', 'labels: { team: 7 }\n  namespace')
const IN_QUOTES = 'must be text, in quotes'
const PRESERVE = `5: metadata.annotations.digdir.nais.io/preserve ${IN_QUOTES}: "true"`
it.each([
  ['no spec', app(/spec:[\s\S]*/, ''), '1: spec is missing: write `spec:` with the members of the app'],
  ['a spec that is a list', app(/spec:[\s\S]*$/, 'spec: []\n'), '6: spec must be an object'],
  ['a name in capitals', app('name: app', 'name: App'), `4: metadata.name ${RFC_1123}: write app`],
  ['a name with underscores', app('name: app', 'name: My_app'), `4: metadata.name ${RFC_1123}: write my-app`],
  ['a name of digits', app('name: app', 'name: 012'), `4: metadata.name ${RFC_1123}, in quotes: "012"`],
  ['no name', app('name: app', 'nam: app'), `3: metadata.name is missing: it ${RFC_1123}`],
  ['no metadata', app(/metadata:[\s\S]*spec/, 'spec'), `1: metadata.name is missing: it ${RFC_1123}`],
  ['an underscore in its namespace', app('team-a', 'team_a'), `5: metadata.namespace ${LABEL}: write team-a`],
  ['a job name of 64 letters', JOB.replace(': app', `: ${'a'.repeat(64)}`), `4: metadata.name ${JOB_NAME}`],
  ['an annotation that is true', annotated('digdir.nais.io/preserve: true'), PRESERVE],
  ['an annotation of digits', annotated('any: 7'), `5: metadata.annotations.any ${IN_QUOTES}: "7"`],
  ['a label of digits', LABELLED, `5: metadata.labels.team ${LABEL_VALUE}: "7"`],
  ['a quoted port', app('image: a', 'port: "80"'), '7: spec.port must be a whole number, without quotes'],
])('a manifest with %s is refused, and the message names the fix', async (_title, yaml, message) => {
  expect(await problemsOf(yaml)).toBe(message)
})
