import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest'
import { ADAPTERS, nest } from '../../adapters.mjs'
import { createProject, type Project, ROOT } from './project.js'

const tarballs = inject('tarballs')

const NEWEST = ADAPTERS.flatMap(({ newest }) => newest)

interface Tested {
  readonly title: string
  readonly frameworks: readonly string[]
  /** The version of @nestjs/swagger, which fits only one or two majors of NestJS. */
  readonly swagger: string
  readonly hosts?: string
}

/** Projects that together cover the lowest and the newest version of every major. */
const PROJECTS: readonly Tested[] = [
  { title: 'the lowest versions', frameworks: ADAPTERS.flatMap(({ lowest }) => lowest), swagger: '7.0.0' },
  { title: 'the newest versions', frameworks: NEWEST, swagger: '12' },
  ...['10', '11.0.0', '11', '12.0.1'].map((version) => ({
    title: `Nest ${version}`,
    frameworks: [...NEWEST.filter((dependency) => !dependency.startsWith('@nestjs/')), ...nest(version)],
    swagger: version.startsWith('10') ? '8' : (version.split('.')[0] ?? ''),
    hosts: 'Nest on',
  })),
]

const OTHERS = [
  ...['vitest@4', '@seriousme/openapi-schema-validator@2', 'reflect-metadata@0.1.13 || 0.2', 'rxjs@7'],
  // The conformance suite imports `rolldown` for workerd.
  ...['@types/node@20', 'connect@3', 'rolldown'],
  ...['core', ...ADAPTERS.map(({ name }) => name), 'mock'].map((name) => tarballs[name] ?? ''),
]

/** The conformance suite, and the files that it and the tests of @portvakt/nestjs import. */
const SHARED = [
  'test/adapters.mjs',
  'test/contract/conformance',
  'test/keys',
  'vitest.config.ts',
  'packages/core/test/deferred.ts',
  'test/contract/adapter-world.ts',
  'packages/core/test/openapi/documents.ts',
]

test.each(ADAPTERS)('@portvakt/$name declares the tested framework versions as peers', ({ name, peers }) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
  expect(manifest.peerDependencies ?? {}).toEqual(peers)
})

describe.each(PROJECTS)('frameworks: $title', ({ title, frameworks, swagger, hosts = '' }) => {
  let project: Project
  beforeAll(() => {
    project = createProject(['--legacy-peer-deps', ...frameworks, `@nestjs/swagger@${swagger}`, ...OTHERS])
    for (const path of SHARED) cpSync(join(ROOT, path), join(project.folder, path), { recursive: true })
  })
  afterAll(() => project.remove())

  it(`the conformance suite passes with ${title}`, () => {
    const only = hosts ? ['-t', hosts] : []
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...only]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{2,} passed/)
  })

  it(`the tests of @portvakt/nestjs pass with ${title}`, () => {
    const folder = 'packages/nestjs/test'
    for (const name of readdirSync(join(ROOT, folder))) {
      // `deny` imports the unpublished `src`. Drivers of GraphQL, and the syntax of paths, fit only one version
      // of NestJS.
      if (['deny.test.ts', 'openapi-paths.test.ts'].includes(name) || name.startsWith('graphql')) continue
      cpSync(join(ROOT, folder, name), join(project.folder, folder, name))
    }
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', folder]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{3,} passed/)
  })
})
