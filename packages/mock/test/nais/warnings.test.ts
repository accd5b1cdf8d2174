import { expect, it, vi } from 'vitest'
import { checkManifest, createMockMaskinporten } from '../../src/index.js'
import { exposing, PROVIDER, READ, warningsOf } from './manifests.js'

const EXPOSED = 'spec.maskinporten.scopes.exposes'
const scope = (...members: string[]) => exposing('enabled: true', ...members)
const arbeid = (...members: string[]) => scope('product: arbeid', ...members)
const allowing = (types: string) => scope('product: a', 'name: ab', `allowedIntegrations: ${types}`)
const UNKNOWN_TYPE = /is "maskinport"\. Digdir’s types are .*neither the client nor its secret/
const wrongDigit = (number: string) => PROVIDER.replace('310385980', number)
const withPort = (port: number) => PROVIDER.replace('image:', `port: ${port}\n  image:`)
const TWICE = scope('product: helse', 'name: ab/c').replace('sykepenger/afp.write', 'ab/c')
const LONG_NAME = PROVIDER.replace('name: api', `name: ${'a'.repeat(64)}`)
const CONSUMING = PROVIDER.replace('exposes:', 'consumes: [{ name: "nav:ærfugl" }]\n      exposes:')
const ORGNO = `23 ${EXPOSED}[0].consumers[0].orgno`
const NAME = `20 ${EXPOSED}[0].name`
const ORDER = `21 ${EXPOSED}[0].separator`
const INTEGRATIONS = `21 ${EXPOSED}[0].allowedIntegrations`

it.each<[string, string, string, RegExp]>([
  ['a bad check digit', wrongDigit('123456789'), ORGNO, /digit is wrong.*InvalidExposedScopesConsumers/],
  ['the same full scope name twice', TWICE, `21 ${EXPOSED}[1]`, /nav:helse\/ab\/c again: .*the last/],
  ['an unknown integration type', allowing('[maskinporten, maskinport]'), `${INTEGRATIONS}[1]`, UNKNOWN_TYPE],
  ['only integration type krr', allowing('[krr]'), INTEGRATIONS, /no client of Maskinporten gets a token/],
  [
    'æ in a scope name',
    scope('product: a', 'name: ærfugl'),
    NAME,
    /has æ, ø or å: no OAuth scope can have it/,
  ],
  ['a product in the name', arbeid('name: arbeid/bc'), NAME, /scope nav:arbeid\/arbeid\/bc/],
  ['a prefix in the name', arbeid('name: nav:bc'), NAME, /scope nav:arbeid:nav:bc: leave prefix/],
  ['a slash after a colon', arbeid('name: a/bc', 'separator: ":"'), ORDER, /arbeid:a\/bc: its separators/],
  ['the port of Texas', withPort(7164), '13 spec.port', /7164 is Texas’s: .*"conflicts with sidecar"/],
  ['the port of Texas’s probe', withPort(7165), '13 spec.port', /7165 is Texas’s/],
  ['an Application’s name of 64 letters', LONG_NAME, '10 metadata.name', /admission webhook/],
  ['a consumed scope with æ', CONSUMING, '17 spec.maskinporten.scopes.consumes[0].name', /printable ASCII/],
])('a manifest with %s causes a warning that names the consequence', async (_title, yaml, place, message) => {
  const mock = await createMockMaskinporten({ scopes: [{ name: 'nav:ærfugl' }] })
  const [app] = await mock.provision({ yaml })
  const warnings = await warningsOf(yaml, app?.exposes)
  expect(warnings.map(({ line, path }) => `${line} ${path}`)).toEqual([place])
  expect(warnings[0]?.message).toMatch(message)
  expect(app?.warnings).toEqual(warnings)
})

it('a mistake in a manifest causes a warning even if Maskinporten is disabled', async () => {
  const off = wrongDigit('123456789').replaceAll(/enabled: (true|yes)/g, 'enabled: false')
  expect(await warningsOf(off)).toHaveLength(1)
})

it('warnings are ordered by line', async () => {
  const yaml = withPort(7164).replace('310385980', '123456789')
  expect((await warningsOf(yaml, [READ])).map(({ line }) => line)).toEqual([13, 24])
})

const ALL_TYPES = '[maskinporten, api_klient, ansattporten, krr, idporten]'
it.each([
  ['two ordinary scopes', PROVIDER],
  ['every integration type of Digdir', allowing(ALL_TYPES)],
  ['a product that is also the name', arbeid('name: arbeid')],
  ['separators in order', scope('product: a', 'name: b:cd.e', 'separator: "/"')],
  ['the port of Texas in a job', withPort(7164).replace('v1alpha1', 'v1').replace('Application', 'Naisjob')],
])('a manifest with %s causes no warning', async (_title, yaml) => {
  const [app] = await (await createMockMaskinporten({ scopes: [] })).provision({ yaml })
  expect(app?.warnings).toEqual([])
})

it('without `onWarning`, checkManifest emits a process warning with file and line', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  await checkManifest([READ], { yaml: withPort(7164) })
  expect(await warned).toMatchObject({
    name: 'ManifestWarning',
    message: expect.stringMatching(/^nais\.yaml:13: spec\.port/),
  })
})

it('checkManifest does not warn about a manifest that it refuses', async () => {
  const yaml = withPort(7164).replace('product: helse', 'product: Helse')
  const onWarning = vi.fn()
  await expect(checkManifest(['nav:x'], { yaml }, { onWarning })).rejects.toThrow(/product must be/)
  expect(onWarning).not.toHaveBeenCalled()
})
