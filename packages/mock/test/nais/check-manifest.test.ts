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

const digdir = (scope: string) => scope.replace('nav:', 'digdir:')
const other = (text: string) => text.replace('name: api', 'name: other').replaceAll('afp.', 'ufore.')
const ELSEWHERE = { exposedElsewhere: ['nav:other'], guardedElsewhere: [WRITE] }
const TEMPLATE = ENABLED.replaceAll('sykepenger', '{{area}}')
it.each<[string, ...Parameters<typeof problemsOf>]>([
  ['guards given as scopes', [READ, WRITE]],
  ['guards given as combinations of scopes', [{ scope: { allOf: [READ, { anyOf: [WRITE, READ] }] } }]],
  ['prepared requirements', [prepareRequirement(READ), prepareRequirement({ scope: WRITE })]],
  ['a rule with a function of the request', [READ, { scope: WRITE, pid: () => undefined }]],
  ['a disabled scope without a guard', [READ], PROVIDER],
  ['scopes with another `scopePrefix`', [digdir(READ), digdir(WRITE)], ENABLED, { scopePrefix: 'digdir' }],
  ['two apps in a file', [READ, WRITE, other(READ), other(WRITE)], `${ENABLED}---\n${other(ENABLED)}`],
  ['scopes that other apps expose or guard', [READ, 'nav:other'], ENABLED, ELSEWHERE],
  ['a template with its values', [READ, WRITE], TEMPLATE, { vars: { area: 'sykepenger' } }],
])('checkManifest accepts %s', async (_title, ...given) => {
  expect(await problemsOf(...given)).toEqual([])
})

it('checkManifest reports an exposed scope that is not guarded', async () => {
  expect(await problemsOf([READ])).toEqual([
    `nais.yaml:${atLine('afp.write')}: ${EXPOSES}[1] exposes ${WRITE}, which no guard requires: a token with it gives no access`,
  ])
})

it('checkManifest reports a guarded scope that the manifest exposes with `enabled: false`', async () => {
  expect(await problemsOf([READ, WRITE], PROVIDER)).toEqual([
    `nais.yaml:${atLine('enabled: false', PROVIDER)}: ${EXPOSES}[1].enabled is false, but a guard requires ${WRITE}: no client gets a token with it`,
  ])
})

it('checkManifest reports a guarded scope that `consumes` lists', async () => {
  expect(await problemsOf(['nav:x'], consumerOf('nav:x'))).toEqual([
    'nais.yaml:12: spec.maskinporten.scopes.consumes[0].name is nav:x, which a guard requires: scopes for calls to this app belong under `exposes`',
  ])
})

it('checkManifest reports a guard if `spec.maskinporten.enabled` is not true', async () => {
  const yaml = ENABLED.replace('maskinporten:\n    enabled: true', 'maskinporten:\n    enabled: false')
  expect(await problemsOf([READ], yaml)).toEqual([
    `nais.yaml:${atLine('maskinporten:') + 1}: spec.maskinporten.enabled is not true, so nothing is exposed: a guard requires "${READ}"`,
  ])
})

it('checkManifest orders the reported problems by line', async () => {
  const problems = await problemsOf([READ, WRITE, 'nav:x'], PROVIDER)
  const lines = ['exposes:', 'enabled: false'].map((text) => atLine(text, PROVIDER))
  expect(problems.map((problem) => Number(problem.split(':')[1]))).toEqual(lines)
})

it.each([
  ...['sykepenger/afp.read', 'helse/sykepenger/afp.read', 'nav:sykepenger/afp.read'],
  'nav:helse/sykepenger.afp.read',
])('checkManifest reports a guard with the scope %s once, and suggests the full name', async (written) => {
  expect(await problemsOf([written, WRITE])).toEqual([
    `nais.yaml:${atLine('afp.read')}: ${EXPOSES}[0].name is exposed as ${READ}, but a guard requires "${written}": write the full name, which NAIS makes from prefix, product and name`,
  ])
})

it.each(['afp.read', 'nav:liv/sykepenger/afp.read', `${READ}.more`])(
  'checkManifest reports the guarded scope %s, which is not exposed',
  async (written) => {
    const problem = `${EXPOSES} lacks a scope: a guard requires "${written}"`
    expect(await problemsOf([READ, WRITE, written])).toEqual([`nais.yaml:${atLine('exposes:')}: ${problem}`])
  },
)

it.each<[string, readonly GuardRequirement[], RegExp]>([
  ['an empty list of guards', [], /`guards` must be a list/],
  ['a requirement that depends on the request', [() => READ], /pass the scopes that it can return/],
  ['a scope with white space', ['nav:a nav:b'], /white space/],
  ['a rule without a full name', [{ scope: 'afp.read' }], /looks like a name from nais.yaml/],
])('checkManifest throws a TypeError for %s', async (_title, guards, message) => {
  await expect(checkManifest(guards, { yaml: ENABLED })).rejects.toThrow(typeError(message))
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { organisationNumber: '889640782' }, /has no option `organisationNumber`/],
  ['an option that is undefined', { scopePrefix: undefined }, /`scopePrefix` is undefined/],
  ['a scope of another app without its prefix', { exposedElsewhere: ['x'] }, /`exposedElsewhere` must be/],
  ['an `onWarning` that is no function', { onWarning: true }, /`onWarning` must be/],
  ['a string for `guardedElsewhere`', { guardedElsewhere: 'nav:x' }, /`guardedElsewhere` must be/],
])('checkManifest refuses %s', async (_title, options, message) => {
  await expect(checkManifest([READ], { yaml: ENABLED }, options)).rejects.toThrow(message)
})
