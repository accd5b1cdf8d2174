import { describe, expect, it } from 'vitest'
import { checkManifest, createMockMaskinporten, type ManifestProblem } from '../../src/index.js'
import { PROVIDER, warningsOf } from './manifests.js'

/** A manifest whose first exposed scope, on line 18, has these members. */
const exposing = (...members: string[]) =>
  PROVIDER.replace(
    /- name: sykepenger\/afp\.read[\s\S]*"310385980"\n/,
    `- enabled: true\n${members.map((member) => `          ${member}\n`).join('')}`,
  )

/** What NAIS takes and what causes trouble later, by line and path. */
const EXPOSED = 'spec.maskinporten.scopes.exposes[0]'
const SCOPES: readonly (readonly [title: string, yaml: string, place: string, message: RegExp])[] = [
  [
    'a wrong check digit',
    PROVIDER.replace('310385980', '123456789'),
    `23 ${EXPOSED}.consumers[0].orgno`,
    /check digit is wrong.*InvalidExposedScopesConsumers/,
  ],
  [
    'a check digit that no number has',
    PROVIDER.replace('310385980', '012345678'),
    `23 ${EXPOSED}.consumers[0].orgno`,
    /check digit/,
  ],
  [
    'one full name twice',
    exposing('product: helse', 'name: ab/c').replace('sykepenger/afp.write', 'ab/c'),
    '21 spec.maskinporten.scopes.exposes[1]',
    /exposes nav:helse\/ab\/c again: in the cluster the last one’s consumers win/,
  ],
  [
    'an unknown integration',
    exposing('product: a', 'name: ab', 'allowedIntegrations: [maskinporten, maskinport]'),
    `21 ${EXPOSED}.allowedIntegrations[1]`,
    /is "maskinport"\. Digdir’s types are .*neither the client nor its secret/,
  ],
  [
    'integrations without Maskinporten',
    exposing('product: a', 'name: ab', 'allowedIntegrations: [krr]'),
    `21 ${EXPOSED}.allowedIntegrations`,
    /no client of Maskinporten gets a token/,
  ],
  [
    'æ in a name',
    exposing('product: a', 'name: ærfugl'),
    `20 ${EXPOSED}.name`,
    /has æ, ø or å: no OAuth scope can have it \(RFC 6749/,
  ],
  [
    'a slash after a colon',
    exposing('product: arbeid', 'name: a/bc', 'separator: ":"'),
    `21 ${EXPOSED}.separator`,
    /makes the scope arbeid:a\/bc: its separators are out of order/,
  ],
  [
    'a slash after a dot',
    exposing('product: arbeid', 'name: a/bc', 'separator: .'),
    `21 ${EXPOSED}.separator`,
    /makes the scope arbeid\.a\/bc/,
  ],
  [
    'a colon after a dot',
    exposing('product: arbeid', 'name: ab:cd', 'separator: .'),
    `21 ${EXPOSED}.separator`,
    /makes the scope arbeid\.ab:cd/,
  ],
  [
    'Texas’s port',
    PROVIDER.replace('image:', 'port: 7164\n  image:'),
    '13 spec.port',
    /7164 is Texas’s: .*"conflicts with sidecar"/,
  ],
  [
    'the port of Texas’s probe',
    PROVIDER.replace('image:', 'port: 7165\n  image:'),
    '13 spec.port',
    /7165 is Texas’s/,
  ],
  [
    'an Application’s name of 64 letters',
    PROVIDER.replace('name: api', `name: ${'a'.repeat(64)}`),
    '10 metadata.name',
    /admission webhook/,
  ],
  [
    'a consumed scope with æ',
    PROVIDER.replace('      exposes:', '      consumes: [{ name: "nav:ærfugl" }]\n      exposes:'),
    '17 spec.maskinporten.scopes.consumes[0].name',
    /printable ASCII/,
  ],
]

describe('what NAIS takes and what causes trouble later is warned of, with what follows', () => {
  it.each(SCOPES)('%s', async (_title, yaml, place, message) => {
    const mock = await createMockMaskinporten({ scopes: [{ name: 'nav:ærfugl' }] })
    const [app] = await mock.provision({ yaml })
    const warnings = await warningsOf(yaml, app?.exposes)
    expect(warnings.map(({ line, path }) => `${line} ${path}`)).toEqual([place])
    expect(warnings[0]?.message).toMatch(message)
    expect(app?.warnings).toEqual(warnings)
  })

  it('also where nothing is enabled', async () => {
    const off = PROVIDER.replace('310385980', '123456789').replaceAll(
      /enabled: (true|yes)/g,
      'enabled: false',
    )
    expect(await warningsOf(off)).toHaveLength(1)
  })

  it('line by line', async () => {
    const yaml = PROVIDER.replace('310385980', '123456789').replace('image:', 'port: 7164\n  image:')
    expect((await warningsOf(yaml, ['nav:helse/sykepenger/afp.read'])).map(({ line }) => line)).toEqual([
      13, 24,
    ])
  })
})

describe('there is nothing to warn of', () => {
  it.each([
    ['in an ordinary manifest', PROVIDER],
    [
      'in every integration type of Digdir',
      exposing(
        'product: a',
        'name: ab',
        'allowedIntegrations: [maskinporten, api_klient, ansattporten, krr, idporten]',
      ),
    ],
    ['in separators in their order', exposing('product: a', 'name: b:cd.e', 'separator: "/"')],
    [
      'in the port of a job',
      PROVIDER.replace('v1alpha1', 'v1')
        .replace('Application', 'Naisjob')
        .replace('image:', 'port: 7164\n  image:'),
    ],
  ])('%s', async (_title, yaml) => {
    const [app] = await (await createMockMaskinporten({ scopes: [] })).provision({ yaml })
    expect(app?.warnings).toEqual([])
  })
})

describe('without `onWarning`', () => {
  it('checkManifest warns by the process, with file and line', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const yaml = PROVIDER.replace('image:', 'port: 7164\n  image:')
    await checkManifest(['nav:helse/sykepenger/afp.read'], { yaml })
    expect(await warned).toMatchObject({
      name: 'ManifestWarning',
      message: expect.stringMatching(/^nais\.yaml:13: spec\.port/),
    })
  })

  it('names what is not a function', async () => {
    const options = { onWarning: true } as object
    await expect(checkManifest(['nav:x'], { yaml: PROVIDER }, options)).rejects.toThrow(/`onWarning` must be/)
  })
})

it('a manifest that is refused is not warned of', async () => {
  const warnings: ManifestProblem[] = []
  const yaml = PROVIDER.replace('image:', 'port: 7164\n  image:').replace('product: helse', 'product: Helse')
  const onWarning = (warning: ManifestProblem) => void warnings.push(warning)
  await expect(checkManifest(['nav:x'], { yaml }, { onWarning })).rejects.toThrow(/product must be/)
  expect(warnings).toEqual([])
})
