import { prepareRequirement } from '@portvakt/core/adapter'
import { describe, expect, it, test } from 'vitest'
import {
  type CheckManifestOptions,
  checkManifest,
  type GuardRequirement,
  ManifestError,
} from '../../src/index.js'
import { consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

/** With both of its scopes in use. */
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

describe('an app and its manifest agree', () => {
  test.each<[string, readonly GuardRequirement[]]>([
    ['scopes', [READ, WRITE]],
    ['rules', [{ scope: READ, consumers: ['310385980'] }, { scope: WRITE }]],
    ['combinations of scopes', [{ scope: { allOf: [READ, { anyOf: [WRITE, READ] }] } }]],
    ['requirements that are prepared', [prepareRequirement(READ), prepareRequirement({ scope: WRITE })]],
    ['one scope on several routes', [READ, READ, { scope: WRITE, delegation: 'forbidden' }]],
    ['a rule that asks the request for a person', [READ, { scope: WRITE, pid: () => undefined }]],
  ])('by %s', async (_title, guards) => {
    expect(await problemsOf(guards)).toEqual([])
  })

  it('when a scope that is not enabled has no guard any more', async () => {
    expect(await problemsOf([READ], PROVIDER)).toEqual([])
  })

  it('when the prefix of the organisation is another', async () => {
    const [read, write] = [READ, WRITE].map((scope) => scope.replace('nav:', 'digdir:'))
    expect(await problemsOf([read ?? '', write ?? ''], ENABLED, { scopePrefix: 'digdir' })).toEqual([])
  })

  it('when the scopes are of two apps in one file', async () => {
    const second = ENABLED.replace('name: api', 'name: other').replaceAll('afp.', 'ufore.')
    const all = [READ, WRITE].flatMap((scope) => [scope, scope.replace('afp.', 'ufore.')])
    expect(await problemsOf(all, `${ENABLED}---\n${second}`)).toEqual([])
  })

  it('when other apps expose or guard what is named as theirs', async () => {
    const options = { exposedElsewhere: ['nav:other'], guardedElsewhere: [WRITE] }
    expect(await problemsOf([READ, 'nav:other'], ENABLED, options)).toEqual([])
  })

  it('by a template and its values', async () => {
    const yaml = ENABLED.replaceAll('sykepenger', '{{area}}')
    expect(await problemsOf([READ, WRITE], yaml, { vars: { area: 'sykepenger' } })).toEqual([])
  })
})

describe('a scope on one side only is told by its line', () => {
  it('guarded and not exposed', async () => {
    const message = `nais.yaml:${atLine('exposes:')}: ${EXPOSES} lacks a scope: a guard requires "nav:x"`
    expect(await problemsOf([READ, WRITE, 'nav:x'])).toEqual([message])
  })

  it('exposed and not guarded', async () => {
    expect(await problemsOf([READ])).toEqual([
      `nais.yaml:${atLine('afp.write')}: ${EXPOSES}[1] exposes ${WRITE}, which no guard requires: a token with it gives no access`,
    ])
  })

  it('guarded, and exposed without being enabled', async () => {
    expect(await problemsOf([READ, WRITE], PROVIDER)).toEqual([
      `nais.yaml:${atLine('enabled: false', PROVIDER)}: ${EXPOSES}[1].enabled is false, but a guard requires ${WRITE}: no client gets a token with it`,
    ])
  })

  it('guarded, and consumed in place of exposed', async () => {
    expect(await problemsOf(['nav:x'], consumerOf('nav:x'))).toEqual([
      'nais.yaml:12: spec.maskinporten.scopes.consumes[0].name is nav:x, which a guard requires: scopes for calls to this app belong under `exposes`',
    ])
  })

  it('guarded, where Maskinporten is not enabled', async () => {
    const yaml = ENABLED.replace('maskinporten:\n    enabled: true', 'maskinporten:\n    enabled: false')
    expect(await problemsOf([READ], yaml)).toEqual([
      `nais.yaml:${atLine('maskinporten:') + 1}: spec.maskinporten.enabled is not true, so nothing is exposed: a guard requires "${READ}"`,
    ])
  })

  it('several, line by line', async () => {
    const problems = await problemsOf(['nav:x', 'nav:y'])
    expect(problems.map((problem) => Number(problem.split(':')[1]))).toEqual([
      atLine('exposes:'),
      atLine('exposes:'),
      atLine('afp.read'),
      atLine('afp.write'),
    ])
  })
})

describe('a name that is not the full one is told as one mistake, with the full name', () => {
  test.each([
    'sykepenger/afp.read',
    'helse/sykepenger/afp.read',
    'nav:sykepenger/afp.read',
    'nav:helse:sykepenger/afp.read',
    'nav:helse/sykepenger.afp.read',
  ])('%s', async (written) => {
    expect(await problemsOf([written, WRITE])).toEqual([
      `nais.yaml:${atLine('afp.read')}: ${EXPOSES}[0].name is exposed as ${READ}, but a guard requires "${written}": guards take the full name, which NAIS makes of prefix, product and name`,
    ])
  })

  it.each(['afp.read', 'nav:liv/sykepenger/afp.read', 'skatt:helse/sykepenger/afp.read', `${READ}.more`])(
    'but %s is another scope',
    async (written) => {
      expect(await problemsOf([READ, WRITE, written])).toEqual([
        `nais.yaml:${atLine('exposes:')}: ${EXPOSES} lacks a scope: a guard requires "${written}"`,
      ])
    },
  )
})

it('what else is wrong in the manifest is told as well', async () => {
  const problems = await problemsOf([READ, WRITE], ENABLED.replace('product: helse', 'product: Helse'))
  expect(problems.join()).toContain(`${EXPOSES}[0].product must be lower-case`)
})

describe('what cannot be checked throws', () => {
  test.each<[string, readonly GuardRequirement[], RegExp]>([
    ['no guards', [], /`guards` must be a list/],
    ['a requirement that depends on the request', [() => READ], /pass the scopes that it can return/],
    ['a scope with white space', ['nav:a nav:b'], /white space/],
    ['a rule without a full name', [{ scope: 'afp.read' }], /looks like a name from nais.yaml/],
  ])('%s', async (_title, guards, message) => {
    await expect(checkManifest(guards, { yaml: ENABLED })).rejects.toThrow(message)
    await expect(checkManifest(guards, { yaml: ENABLED })).rejects.toBeInstanceOf(TypeError)
  })

  test.each<[string, object, RegExp]>([
    ['an unknown option', { organisationNumber: '889640782' }, /has no option `organisationNumber`/],
    ['an option that is undefined', { scopePrefix: undefined }, /`scopePrefix` is undefined/],
    ['a scope of another app without its prefix', { exposedElsewhere: ['x'] }, /`exposedElsewhere` must be/],
    ['text in place of a list', { guardedElsewhere: 'nav:x' }, /`guardedElsewhere` must be/],
  ])('%s', async (_title, options, message) => {
    await expect(checkManifest([READ], { yaml: ENABLED }, options)).rejects.toThrow(message)
  })

  it('a file that is not there', async () => {
    await expect(checkManifest([READ], '/nowhere/nais.yaml')).rejects.toThrow(
      '/nowhere/nais.yaml: cannot be read',
    )
  })
})
