import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  ManifestError,
  type MockMaskinporten,
  type NaisManifest,
  type ProvisionOptions,
} from '../../src/index.js'
import { consumerOf, PROVIDER, READ } from './manifests.js'

let mock: MockMaskinporten
beforeAll(async () => {
  mock = await createMockMaskinporten({ scopes: [{ name: 'nav:krr', allowedIntegrations: ['krr'] }] })
})

async function mistakes(yaml: string): Promise<string> {
  const error: unknown = await mock.provision({ yaml }).catch((thrown: unknown) => thrown)
  if (!(error instanceof ManifestError)) throw error
  return error.message
}

/** A manifest with other lines in place of the first exposed scope. */
const exposing = (...lines: string[]) =>
  PROVIDER.replace(/- name: sykepenger\/afp\.read[\s\S]*"310385980"\n/, `- ${lines.join('\n          ')}\n`)

describe('a mistake in a manifest is told by file, line and path', () => {
  const SCOPE = 'spec.maskinporten.scopes.exposes[0]'
  test.each<[string, string[], string]>([
    ['no product', ['name: a', 'enabled: true'], `18: ${SCOPE}.product is missing`],
    [
      'a product in capitals',
      ['name: a', 'product: Helse', 'enabled: true'],
      `19: ${SCOPE}.product must be lower`,
    ],
    ['no name', ['product: helse', 'enabled: true'], `18: ${SCOPE}.name is missing`],
    ['a full scope name', ['name: "nav:a b"', 'product: a', 'enabled: true'], `18: ${SCOPE}.name must be`],
    ['no `enabled`', ['name: a', 'product: helse'], `18: ${SCOPE}.enabled is missing`],
    [
      'an `enabled` that is text',
      ['name: a', 'product: a', 'enabled: "on"'],
      `20: ${SCOPE}.enabled must be true`,
    ],
    [
      'a separator of two',
      ['name: a', 'product: a', 'enabled: true', 'separator: "::"'],
      `21: ${SCOPE}.separator`,
    ],
    [
      'too short a life',
      ['name: a', 'product: a', 'enabled: true', 'atMaxAge: 29'],
      `21: ${SCOPE}.atMaxAge must be`,
    ],
    [
      'a misspelt member',
      ['name: a', 'product: a', 'enabled: true', 'consumer: []'],
      `21: ${SCOPE}.consumer is not known`,
    ],
    [
      'no list',
      ['name: a', 'product: a', 'enabled: true', 'consumers: all'],
      `21: ${SCOPE}.consumers must be a list`,
    ],
    [
      'an organisation number that is a number',
      ['name: a', 'product: a', 'enabled: true', 'consumers:', '  - orgno: 310385980'],
      `22: ${SCOPE}.consumers[0].orgno must be an organisation number: nine digits, in quotes`,
    ],
    [
      'an entry without a number',
      ['name: a', 'product: a', 'enabled: true', 'consumers:', '  - name: x'],
      `22: ${SCOPE}.consumers[0].orgno is missing`,
    ],
    [
      'a name of a consumer that is a boolean',
      ['name: ab', 'product: a', 'enabled: true', 'consumers:', '  - orgno: "310385980"', '    name: NO'],
      `23: ${SCOPE}.consumers[0].name must be text, in quotes: "NO"`,
    ],
    [
      'a delegation source without a separator',
      ['name: ab/c', 'product: a', 'enabled: false', 'delegationSource: altinn'],
      `21: ${SCOPE}.delegationSource needs \`separator: "/"\` next to it`,
    ],
    [
      'a bare organisation number',
      ['name: a', 'product: a', 'enabled: true', 'consumers:', '  - "310385980"'],
      `22: ${SCOPE}.consumers[0] must be an object`,
    ],
    [
      'no integration',
      ['name: a', 'product: a', 'enabled: true', 'allowedIntegrations: []'],
      `21: ${SCOPE}.allowedIntegrations must be a list of texts`,
    ],
    [
      'another delegation source',
      ['name: a', 'product: a', 'enabled: true', 'delegationSource: x'],
      `21: ${SCOPE}.delegationSource must be altinn`,
    ],
    [
      'another visibility',
      ['name: a', 'product: a', 'enabled: true', 'visibility: secret'],
      `21: ${SCOPE}.visibility must be public or private`,
    ],
  ])('%s', async (_title, lines, message) => {
    expect(await mistakes(exposing(...lines))).toContain(`nais.yaml:${message}`)
  })

  it.each<[string, string, string]>([
    [
      'a misspelt section',
      PROVIDER.replace('exposes', 'exposed'),
      '17: spec.maskinporten.scopes.exposed is not known',
    ],
    [
      'a name of nais.yaml',
      consumerOf('sykepenger/afp.read'),
      '12: spec.maskinporten.scopes.consumes[0].name must be the full name',
    ],
    [
      'Maskinporten enabled in text',
      PROVIDER.replace('enabled: true', 'enabled: "true"'),
      '15: spec.maskinporten.enabled must be true or false',
    ],
    ['no name of the app', PROVIDER.replace('name: api', 'nam: api'), '9: metadata.name is missing'],
    [
      'an annotation that is no text',
      PROVIDER.replace('namespace: team-a', 'annotations: { digdir.nais.io/delete: true }'),
      '11: metadata.annotations.digdir.nais.io/delete must be text, in quotes',
    ],
    [
      'Maskinporten without `enabled`',
      PROVIDER.replace('    enabled: true\n', ''),
      '14: spec.maskinporten.enabled is missing: it must be true or false',
    ],
    [
      'a scope that is wrong where Maskinporten is not enabled',
      PROVIDER.replace('enabled: true', 'enabled: false').replace('afp.read', 'afp_read'),
      '18: spec.maskinporten.scopes.exposes[0].name must be',
    ],
    [
      'a fragment with `spec` alone',
      PROVIDER.replace(/^[\s\S]*?(?=spec:)/, ''),
      '1: apiVersion is missing: write nais.io/v1alpha1, or nais.io/v1 for a Naisjob\n' +
        'nais.yaml:1: kind is missing: write Application, or Naisjob for a job',
    ],
    ['a fragment with `maskinporten` alone', 'maskinporten:\n  enabled: true\n', '1: kind is missing'],
    [
      'an app without `apiVersion`',
      PROVIDER.replace('apiVersion: nais.io/v1alpha1\n', ''),
      ': apiVersion is missing: write nais.io/v1alpha1',
    ],
    [
      'a job without `apiVersion`',
      consumerOf('nav:krr').replace('apiVersion: nais.io/v1\n', ''),
      ': apiVersion is missing: write nais.io/v1',
    ],
    [
      'an app without `kind`',
      PROVIDER.replace('kind: Application\n', ''),
      ': kind is missing: write Application',
    ],
    [
      'a fragment beside an app',
      `${PROVIDER}---\nspec:\n  maskinporten:\n    enabled: true\n`,
      '29: kind is missing: write Application',
    ],
    ['no YAML', PROVIDER.replace('metadata:\n  name: api', 'metadata: [\n  name: api'), ': is not YAML'],
    [
      'a scope that nobody exposes',
      consumerOf('skatt:x'),
      '12: spec.maskinporten.scopes.consumes[0].name is skatt:x, which no provider exposes here: provision the provider’s manifest in the same call, or register the scope with addScope (on the command line `--expose skatt:x`)',
    ],
    ['a scope for other clients', consumerOf('nav:krr'), 'which is only for clients of type krr'],
  ])('%s', async (_title, yaml, message) => {
    expect(await mistakes(yaml)).toContain(message)
  })

  it('and every mistake of the call is told at once, with nothing provisioned', async () => {
    const error: unknown = await mock
      .provision([
        { yaml: exposing('name: ab', 'enabled: "on"'), file: 'a.yaml' },
        { yaml: consumerOf('skatt:x'), file: 'b.yaml' },
        { yaml: consumerOf(READ).replace('caller', 'other'), file: 'c.yaml' },
      ])
      .catch((thrown: unknown) => thrown)
    if (!(error instanceof ManifestError)) throw error
    expect(error.problems.map(({ file, line, path }) => `${file}:${line} ${path}`)).toEqual([
      'a.yaml:18 spec.maskinporten.scopes.exposes[0].product',
      'a.yaml:19 spec.maskinporten.scopes.exposes[0].enabled',
      'b.yaml:12 spec.maskinporten.scopes.consumes[0].name',
      'c.yaml:12 spec.maskinporten.scopes.consumes[0].name',
    ])
    await expect(mock.provision({ yaml: consumerOf(READ) })).rejects.toThrow(/no provider exposes/)
  })

  it('an app that is there twice, and a scope of two providers', async () => {
    const other = PROVIDER.replace('name: api', 'name: other')
    await expect(
      mock.provision([
        { yaml: PROVIDER, file: 'a.yaml' },
        { yaml: PROVIDER, file: 'b.yaml' },
      ]),
    ).rejects.toThrow(/b\.yaml:10: metadata\.name names an app that exists already/)
    await expect(
      mock.provision([
        { yaml: PROVIDER, file: 'a.yaml' },
        { yaml: other, file: 'b.yaml' },
      ]),
    ).rejects.toThrow(/b\.yaml:18: .*exposes\[0\] exposes nav:helse.* which 889640782:team-a:api exposes/)
  })

  it.each([
    ['a file that is not there', 'nowhere.yaml', /nowhere\.yaml: cannot be read/],
    ['a file without an app', { yaml: 'kind: ConfigMap' }, /does not have an Application or Naisjob/],
    [
      'an Application of Argo CD',
      { yaml: 'kind: Application\napiVersion: argoproj.io/v1' },
      /does not have an Application/,
    ],
    ['an alias without an anchor', { yaml: 'a: *b' }, /nais\.yaml: is not YAML: it has an alias/],
    ['an empty file', { yaml: '' }, /does not have an Application/],
  ])('%s', async (_title, manifest, message) => {
    await expect(mock.provision(manifest)).rejects.toThrow(message)
    await expect(mock.provision(manifest)).rejects.toThrow(ManifestError)
  })
})

describe('a mistake in the call is named', () => {
  test.each<[string, NaisManifest, ProvisionOptions, RegExp]>([
    ['neither file nor text', {}, {}, /needs `file` or `yaml`/],
    ['an unknown option', { yaml: PROVIDER }, { org: '1' } as object, /provision has no option `org`/],
    ['an unknown member', { yml: PROVIDER } as object, {}, /A manifest has no option `yml`/],
    ['an undefined variable', { yaml: PROVIDER }, { vars: undefined } as object, /`vars` is undefined/],
    ['an owner of eight digits', { yaml: PROVIDER }, { organisationNumber: '1' }, /`organisationNumber`/],
    ['a prefix with a colon', { yaml: PROVIDER }, { scopePrefix: 'nav:' }, /`scopePrefix`/],
    ['variables that are text', { yaml: PROVIDER }, { vars: 'a=b' } as object, /`vars` must be/],
    ['a variable that is no text', { yaml: PROVIDER }, { vars: [7] } as object, /name=value/],
  ])('%s', async (_title, manifest, options, message) => {
    await expect(mock.provision(manifest, options)).rejects.toThrow(message)
    await expect(mock.provision(manifest, options)).rejects.toThrow(TypeError)
  })

  it.each([
    ['is not there', undefined, /cannot be read/],
    ['is a list', '- a', /is not an object/],
    ['is no YAML', 'a: [', /is not an object/],
  ])('a file of variables that %s', async (_title, text, message) => {
    const directory = await mkdtemp(join(tmpdir(), 'vars-'))
    const varsFile = join(directory, 'vars.yaml')
    if (text !== undefined) await writeFile(varsFile, text)
    await expect(mock.provision({ yaml: PROVIDER, varsFile })).rejects.toThrow(message)
    await rm(directory, { recursive: true })
  })
})
