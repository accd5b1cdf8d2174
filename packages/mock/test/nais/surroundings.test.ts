import { expect, it } from 'vitest'
import { readSource } from '../../src/nais/manifest-source.js'
import { warningsOf } from './manifests.js'

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
  ['no `maskinporten`', app(/ {2}maskinporten:[\s\S]*$/, '')],
  ['an empty `maskinporten`', app('    enabled: true\n', '')],
])('a manifest with %s causes one warning', async (_title, yaml) => {
  const message = 'has no `maskinporten`: the app gets no client and exposes no scopes'
  expect(await warningsOf(yaml)).toEqual([{ file: 'nais.yaml', line: 6, path: 'spec', message }])
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
const MISPLACED = 'is not known here: did you mean `spec.maskinporten`?'
const OUTSIDE = APP.replaceAll(/^ {2}( {2}enabled|maskin)/gm, '$1')
const NO_APPLICATION = 'which has no Application: write nais.io/v1alpha1'
const IN_V1 = 'which has no Naisjob: write nais.io/v1'
const NO_KIND = '2: kind is Aplication, which the cluster does not have: write Application'
it.each([
  ['`maskinportn`', app('maskinporten', 'maskinportn'), `8: spec.maskinportn ${MISPLACED}`],
  ['`maskinportene`', app('maskinporten', 'maskinportene'), `8: spec.maskinportene ${MISPLACED}`],
  ['`maksinporten`', app('maskinporten', 'maksinporten'), `8: spec.maksinporten ${MISPLACED}`],
  ['`Maskinporten`', app('maskinporten', 'Maskinporten'), `8: spec.Maskinporten ${MISPLACED}`],
  ['`maskinporten` next to `spec`', OUTSIDE, `8: maskinporten ${MISPLACED}`],
  [
    '`metadata.maskinporten`',
    app('spec:', '  maskinporten: {}\nspec:'),
    `6: metadata.maskinporten ${MISPLACED}`,
  ],
  ['an Application in v1', app('v1alpha1', 'v1'), `1: apiVersion is nais.io/v1, ${NO_APPLICATION}`],
  ['an Application of nais.io', app('/v1alpha1', ''), `1: apiVersion is nais.io, ${NO_APPLICATION}`],
  ['a job in v1alpha1', JOB.replace('v1', 'v1alpha1'), `1: apiVersion is nais.io/v1alpha1, ${IN_V1}`],
  ['an Aplication', app('Application', 'Aplication'), NO_KIND],
  ['no spec', app(/spec:[\s\S]*/, ''), '1: spec is missing: write `spec:` with the members of the app'],
  ['a spec that is a list', app(/spec:[\s\S]*$/, 'spec: []\n'), '6: spec must be an object'],
  ['a name in capitals', app('name: app', 'name: App'), `4: metadata.name ${RFC_1123}: write app`],
  ['a name with underscores', app('name: app', 'name: My_app'), `4: metadata.name ${RFC_1123}: write my-app`],
  ['a name of digits', app('name: app', 'name: 012'), `4: metadata.name ${RFC_1123}, in quotes: "012"`],
  ['no name', app('name: app', 'nam: app'), `3: metadata.name is missing: it ${RFC_1123}`],
  ['no metadata', app(/metadata:[\s\S]*spec/, 'spec'), `1: metadata.name is missing: it ${RFC_1123}`],
  ['an underscore in its namespace', app('team-a', 'team_a'), `5: metadata.namespace ${LABEL}: write team-a`],
  ['a dot in its namespace', app('team-a', 'team.a'), `5: metadata.namespace ${LABEL}`],
  ['a job name of 64 letters', JOB.replace(': app', `: ${'a'.repeat(64)}`), `4: metadata.name ${JOB_NAME}`],
  ['an annotation that is true', annotated('digdir.nais.io/preserve: true'), PRESERVE],
  ['an annotation of digits', annotated('any: 7'), `5: metadata.annotations.any ${IN_QUOTES}: "7"`],
  ['a label of digits', LABELLED, `5: metadata.labels.team ${LABEL_VALUE}: "7"`],
  ['a quoted port', app('image: a', 'port: "80"'), '7: spec.port must be a whole number, without quotes'],
])('a manifest with %s is refused, and the message names the fix', async (_title, yaml, message) => {
  expect(await problemsOf(yaml)).toBe(message)
})

it('a manifest can have every name, annotation and label that the cluster accepts', async () => {
  const others = 'annotations: { a.b/c: "true", empty: "", left: }\n  labels: { team: Team_A.b, empty: "" }'
  expect(await problemsOf(app('namespace: team-a', others).replace('name: app', 'name: my.app'))).toBe('')
})
