import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  createMockMaskinporten,
  ManifestError,
  type NaisManifest,
  type ProvisionOptions,
} from '../../src/index.js'
import { temporaryDirectory } from '../temporary-directory.js'
import { typeError } from '../type-error.js'
import { consumerOf, exposing, PROVIDER, READ } from './manifests.js'

const mock = await createMockMaskinporten({ scopes: [{ name: 'nav:krr', allowedIntegrations: ['krr'] }] })

async function errorOf(...given: Parameters<typeof mock.provision>): Promise<ManifestError> {
  const error: unknown = await mock.provision(...given).catch((thrown: unknown) => thrown)
  if (!(error instanceof ManifestError)) throw error
  return error
}

const OK = ['name: a', 'product: a', 'enabled: true']
const NAMED = [...OK, 'consumers:', '  - orgno: "310385980"']
const SOURCED = ['name: ab/c', 'product: a', 'enabled: false', 'delegationSource: altinn']
const ORGNO = 'must be an organisation number: nine digits, in quotes'
const SOURCE = 'delegationSource needs `separator: "/"` next to it'
it.each<[string, string[], string]>([
  ['no product', ['name: a', 'enabled: true'], '18 product is missing'],
  ['a full name', ['name: nav:helse/ab', ...OK.slice(1)], '18 name must be lower-case letters and digits'],
  ['an `enabled` that is text', ['name: a', 'product: a', 'enabled: "on"'], '20 enabled must be true'],
  ['a lifetime of 29 s', [...OK, 'atMaxAge: 29'], '21 atMaxAge must be'],
  ['an unknown member', [...OK, 'consumer: []'], '21 consumer is not known'],
  ['consumers that are text', [...OK, 'consumers: all'], '21 consumers must be a list'],
  ['a numeric `orgno`', [...OK, 'consumers:', '  - orgno: 310385980'], `22 consumers[0].orgno ${ORGNO}`],
  ['a consumer named NO', [...NAMED, '    name: NO'], '23 consumers[0].name must be text, in quotes: "NO"'],
  ['a delegation source without `separator`', SOURCED, `21 ${SOURCE}`],
  ['text as a consumer', [...OK, 'consumers:', '  - "310385980"'], '22 consumers[0] must be an object'],
  ['no integration', [...OK, 'allowedIntegrations: []'], '21 allowedIntegrations must be a list of texts'],
])('provision refuses an exposed scope with %s, and names its place', async (_title, members, message) => {
  const place = `nais.yaml:${message.replace(' ', ': spec.maskinporten.scopes.exposes[0].')}`
  expect((await errorOf({ yaml: exposing(...members) })).message).toContain(place)
})

const without = (text: string | RegExp, by = '') => PROVIDER.replace(text, by)
const VERSION = ': apiVersion is missing: write'
const FRAGMENT = `1: apiVersion is missing: write nais.io/v1alpha1, or nais.io/v1 for a Naisjob
nais.yaml:1: kind is missing: write Application, or Naisjob for a job`
const UNEXPOSED =
  'is skatt:x, which no provider exposes here: provision the provider’s manifest in the same call, or register ' +
  'the scope with addScope (on the command line `--expose skatt:x`)'
const SPEC = 'spec.maskinporten'
const CONSUMED = `12: ${SPEC}.scopes.consumes[0].name`
const AFTER_APP = `${PROVIDER}---\nspec: { maskinporten: {} }\n`
const OFF = without('enabled: true', 'enabled: false').replace('afp.read', 'afp_read')
it.each<[string, string, string]>([
  ['an unknown section', without('exposes', 'exposed'), `17: ${SPEC}.scopes.exposed is not known`],
  ['a short scope name', consumerOf('sykepenger/afp.read'), `${CONSUMED} must be the full name`],
  ['no `enabled`', without(/ {4}enabled: true\n/), `14: ${SPEC}.enabled is missing: it must be true or`],
  ['an invalid scope where nothing is enabled', OFF, `18: ${SPEC}.scopes.exposes[0].name must be`],
  ['`spec` alone', without(/^[\s\S]*?(?=spec:)/), FRAGMENT],
  ['`maskinporten` alone', 'maskinporten:\n  enabled: true\n', '1: kind is missing'],
  ['an app without `apiVersion`', without(/apiVersion: nais.*\n/), `${VERSION} nais.io/v1alpha1`],
  ['a job without `apiVersion`', consumerOf().replace(/apiVersion: nais.*\n/, ''), `${VERSION} nais.io/v1`],
  ['an app without `kind`', without('kind: Application\n'), ': kind is missing: write Application'],
  ['a fragment after an app', AFTER_APP, '29: kind is missing: write Application'],
  ['invalid YAML', without('metadata:\n  name: api', 'metadata: [\n  name: api'), ': is not YAML'],
  ['an alias without an anchor', 'a: *b', ': is not YAML: it has an alias'],
  ['no text', '', 'does not have an Application or Naisjob'],
  ['no app', 'kind: ConfigMap', 'does not have an Application or Naisjob'],
  ['an Application of Argo CD', 'kind: Application\napiVersion: argoproj.io/v1', 'does not have an App'],
  ['a scope that no provider exposes', consumerOf('skatt:x'), `${CONSUMED} ${UNEXPOSED}`],
  ['a scope for other clients', consumerOf('nav:krr'), 'which is only for clients of type krr'],
])('provision refuses a manifest with %s', async (_title, yaml, message) => {
  expect((await errorOf({ yaml })).message).toContain(message)
})

it('provision reports the problems of all its manifests in one error, and provisions no app', async () => {
  const { problems } = await errorOf([
    { yaml: exposing('name: ab', 'enabled: "on"'), file: 'a.yaml' },
    { yaml: consumerOf('skatt:x'), file: 'b.yaml' },
    { yaml: consumerOf(READ).replace('caller', 'other'), file: 'c.yaml' },
  ])
  expect(problems.map(({ file, line, path }) => `${file}:${line} ${path}`)).toEqual([
    'a.yaml:18 spec.maskinporten.scopes.exposes[0].product',
    'a.yaml:19 spec.maskinporten.scopes.exposes[0].enabled',
    'b.yaml:12 spec.maskinporten.scopes.consumes[0].name',
    'c.yaml:12 spec.maskinporten.scopes.consumes[0].name',
  ])
  await expect(mock.provision({ yaml: consumerOf(READ) })).rejects.toThrow(/no provider exposes/)
})

const OTHER = PROVIDER.replace('name: api', 'name: other')
const SHARED = /b\.yaml:18: .*exposes\[0\] exposes nav:helse.* which 889640782:team-a:api exposes/
it.each([
  ['the same app twice', PROVIDER, /b\.yaml:10: metadata\.name names an app that exists already/],
  ['one scope exposed by two apps', OTHER, SHARED],
])('provision refuses %s in one call', async (_title, yaml, message) => {
  const first = { yaml: PROVIDER, file: 'a.yaml' }
  expect((await errorOf([first, { yaml, file: 'b.yaml' }])).message).toMatch(message)
})

const provider = { yaml: PROVIDER }
it.each<[string, NaisManifest | string, object, RegExp]>([
  ['the text of a manifest in place of its path', PROVIDER, {}, /^`file` is the text .* as { yaml }$/],
  ['a file that is a number', { file: 0 } as object, {}, /A file must be a path or a URL/],
  ['a file of variables that is a number', provider, { varsFile: 0 }, /A file must be a path or a URL/],
  ['a text that is a number', { yaml: 7 } as object, {}, /`yaml` must be a string/],
  ['a manifest without `file` and `yaml`', {}, {}, /needs `file` or `yaml`/],
  ['an unknown option', provider, { org: '1' }, /provision has no option `org`/],
  ['an unknown member of a manifest', { yml: PROVIDER } as object, {}, /A manifest has no option `yml`/],
  ['undefined variables', provider, { vars: undefined }, /`vars` is undefined/],
  ['an organisation number of one digit', provider, { organisationNumber: '1' }, /`organisationNumber`/],
  ['a prefix with a colon', provider, { scopePrefix: 'nav:' }, /`scopePrefix`/],
  ['variables that are a string', provider, { vars: 'a=b' }, /`vars` must be/],
  ['a variable that is a number', provider, { vars: [7] }, /name=value/],
  ['an unknown `ungranted`', provider, { ungranted: 'ignore' }, /`ungranted` must be 'fail' or 'drop'/],
])('provision throws a TypeError for %s', async (_title, manifest, options: ProvisionOptions, message) => {
  await expect(mock.provision(manifest, options)).rejects.toThrow(typeError(message))
})

const directory = await temporaryDirectory()
it.each([
  ['is missing', undefined, /cannot be read/],
  ['is a list', '- a', /is not an object/],
  ['is not YAML', 'a: [', /is not an object/],
])('provision refuses a `varsFile` that %s', async (title, text, message) => {
  const varsFile = join(directory, `${title}.yaml`)
  if (text !== undefined) await writeFile(varsFile, text)
  await expect(mock.provision({ yaml: PROVIDER, varsFile })).rejects.toThrow(message)
})
