import { prepareRequirement } from '@portvakt/core/adapter'
import { expect, it } from 'vitest'
import {
  type CheckManifestOptions,
  checkManifest,
  type GuardRequirement,
  ManifestError,
} from '../../src/index.js'
import { typeError } from '../type-error.js'
import { consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

/** The provider's manifest with both scopes enabled. */
const ENABLED = PROVIDER.replace('enabled: false', 'enabled: true')

async function problemsOf(
  guards: readonly GuardRequirement[],
  yaml = ENABLED,
  options: CheckManifestOptions = {},
): Promise<readonly string[]> {
  const error: unknown = await checkManifest(guards, { yaml }, options).catch((thrown: unknown) => thrown)
  if (error === undefined) return []
  if (error instanceof ManifestError) return error.message.split('\n')
  throw error
}

const EXPOSES = 'spec.maskinporten.scopes.exposes'
const atLine = (text: string, yaml = ENABLED) => yaml.split('\n').findIndex((line) => line.includes(text)) + 1

it.each<[string, readonly GuardRequirement[]]>([
  ['scopes', [READ, WRITE]],
  ['rules', [{ scope: READ, consumers: ['310385980'] }, { scope: WRITE }]],
  ['combinations of scopes', [{ scope: { allOf: [READ, { anyOf: [WRITE, READ] }] } }]],
  ['prepared requirements', [prepareRequirement(READ), prepareRequirement({ scope: WRITE })]],
  ['one scope on several routes', [READ, READ, { scope: WRITE, delegation: 'forbidden' }]],
  ['a rule with a function of the request', [READ, { scope: WRITE, pid: () => undefined }]],
])('checkManifest accepts guards given as %s', async (_title, guards) => {
  expect(await problemsOf(guards)).toEqual([])
})

it('checkManifest accepts a disabled scope without a guard', async () => {
  expect(await problemsOf([READ], PROVIDER)).toEqual([])
})

it('checkManifest accepts scopes of another organisation with its `scopePrefix`', async () => {
  const scopes = [READ, WRITE].map((scope) => scope.replace('nav:', 'digdir:'))
  expect(await problemsOf(scopes, ENABLED, { scopePrefix: 'digdir' })).toEqual([])
})

it('checkManifest accepts the scopes of two apps in one file', async () => {
  const second = ENABLED.replace('name: api', 'name: other').replaceAll('afp.', 'ufore.')
  const all = [READ, WRITE].flatMap((scope) => [scope, scope.replace('afp.', 'ufore.')])
  expect(await problemsOf(all, `${ENABLED}---\n${second}`)).toEqual([])
})

it('checkManifest accepts scopes that other apps expose or guard', async () => {
  const options = { exposedElsewhere: ['nav:other'], guardedElsewhere: [WRITE] }
  expect(await problemsOf([READ, 'nav:other'], ENABLED, options)).toEqual([])
})

it('checkManifest accepts a template with its values', async () => {
  const yaml = ENABLED.replaceAll('sykepenger', '{{area}}')
  expect(await problemsOf([READ, WRITE], yaml, { vars: { area: 'sykepenger' } })).toEqual([])
})

it('checkManifest reports a guarded scope that is not exposed', async () => {
  const message = `nais.yaml:${atLine('exposes:')}: ${EXPOSES} lacks a scope: a guard requires "nav:x"`
  expect(await problemsOf([READ, WRITE, 'nav:x'])).toEqual([message])
})

it('checkManifest reports an exposed scope that is not guarded', async () => {
  expect(await problemsOf([READ])).toEqual([
    `nais.yaml:${atLine('afp.write')}: ${EXPOSES}[1] exposes ${WRITE}, which no guard requires: a token with it gives no access`,
  ])
})

it('checkManifest reports a guarded scope that is not enabled', async () => {
  expect(await problemsOf([READ, WRITE], PROVIDER)).toEqual([
    `nais.yaml:${atLine('enabled: false', PROVIDER)}: ${EXPOSES}[1].enabled is false, but a guard requires ${WRITE}: no client gets a token with it`,
  ])
})

it('checkManifest reports a guarded scope under `consumes`', async () => {
  expect(await problemsOf(['nav:x'], consumerOf('nav:x'))).toEqual([
    'nais.yaml:12: spec.maskinporten.scopes.consumes[0].name is nav:x, which a guard requires: scopes for calls to this app belong under `exposes`',
  ])
})

it('checkManifest reports a guard of an app without Maskinporten', async () => {
  const yaml = ENABLED.replace('maskinporten:\n    enabled: true', 'maskinporten:\n    enabled: false')
  expect(await problemsOf([READ], yaml)).toEqual([
    `nais.yaml:${atLine('maskinporten:') + 1}: spec.maskinporten.enabled is not true, so nothing is exposed: a guard requires "${READ}"`,
  ])
})

it('checkManifest orders the reported problems by line', async () => {
  const problems = await problemsOf(['nav:x', 'nav:y'])
  const lines = ['exposes:', 'exposes:', 'afp.read', 'afp.write'].map((text) => atLine(text))
  expect(problems.map((problem) => Number(problem.split(':')[1]))).toEqual(lines)
})

it.each([
  'sykepenger/afp.read',
  'helse/sykepenger/afp.read',
  'nav:sykepenger/afp.read',
  'nav:helse:sykepenger/afp.read',
  'nav:helse/sykepenger.afp.read',
])('checkManifest reports the guard name %s once, and suggests the full name', async (written) => {
  expect(await problemsOf([written, WRITE])).toEqual([
    `nais.yaml:${atLine('afp.read')}: ${EXPOSES}[0].name is exposed as ${READ}, but a guard requires "${written}": write the full name, which NAIS makes from prefix, product and name`,
  ])
})

it.each(['afp.read', 'nav:liv/sykepenger/afp.read', 'skatt:helse/sykepenger/afp.read', `${READ}.more`])(
  'checkManifest reports the guard name %s as a scope that the manifest does not expose',
  async (written) => {
    expect(await problemsOf([READ, WRITE, written])).toEqual([
      `nais.yaml:${atLine('exposes:')}: ${EXPOSES} lacks a scope: a guard requires "${written}"`,
    ])
  },
)

it('checkManifest reports the problems for which provision refuses a manifest', async () => {
  const problems = await problemsOf([READ, WRITE], ENABLED.replace('product: helse', 'product: Helse'))
  expect(problems.join()).toContain(`${EXPOSES}[0].product must be lower-case`)
})

it.each<[string, readonly GuardRequirement[], RegExp]>([
  ['an empty list of guards', [], /`guards` must be a list/],
  ['a requirement that depends on the request', [() => READ], /pass the scopes that it can return/],
  ['a scope with white space', ['nav:a nav:b'], /white space/],
  ['a rule without a full name', [{ scope: 'afp.read' }], /looks like a name from nais.yaml/],
])('checkManifest refuses %s', async (_title, guards, message) => {
  await expect(checkManifest(guards, { yaml: ENABLED })).rejects.toThrow(typeError(message))
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { organisationNumber: '889640782' }, /has no option `organisationNumber`/],
  ['an option that is undefined', { scopePrefix: undefined }, /`scopePrefix` is undefined/],
  ['a scope of another app without its prefix', { exposedElsewhere: ['x'] }, /`exposedElsewhere` must be/],
  ['a string for a list', { guardedElsewhere: 'nav:x' }, /`guardedElsewhere` must be/],
])('checkManifest refuses %s', async (_title, options, message) => {
  await expect(checkManifest([READ], { yaml: ENABLED }, options)).rejects.toThrow(message)
})

it('checkManifest refuses a missing file', async () => {
  const checked = checkManifest([READ], '/nowhere/nais.yaml')
  await expect(checked).rejects.toThrow('/nowhere/nais.yaml: cannot be read')
})
