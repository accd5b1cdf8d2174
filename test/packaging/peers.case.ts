import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest'
import { ADAPTERS, nest } from '../adapters.mjs'
import { createProject, type Project, ROOT } from './project.js'

const tarballs = inject('tarballs')

const NEWEST = ADAPTERS.flatMap(({ newest }) => newest)

/** The lowest and the newest version of every major, in as few projects as they fit in. */
const PROJECTS: readonly { title: string; frameworks: readonly string[]; hosts?: string }[] = [
  { title: 'the lowest of everything', frameworks: ADAPTERS.flatMap(({ lowest }) => lowest) },
  { title: 'the newest of everything', frameworks: NEWEST },
  ...['10', '11.0.0', '11', '12.0.1'].map((version) => ({
    title: `Nest ${version}`,
    frameworks: [...NEWEST.filter((dependency) => !dependency.startsWith('@nestjs/')), ...nest(version)],
    hosts: 'Nest on',
  })),
]

const BESIDE = [
  ...['vitest@4', 'reflect-metadata@0.1.13 || 0.2', 'rxjs@7', '@types/node@20', 'connect@3'],
  ...['core', ...ADAPTERS.map(({ name }) => name), 'mock'].map((name) => tarballs[name] ?? ''),
]

test.each(ADAPTERS)('@portvakt/$name declares what is tested', ({ name, peers }) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
  expect(manifest.peerDependencies ?? {}).toEqual(peers)
})

describe.each(PROJECTS)('$title', ({ frameworks, hosts = '' }) => {
  let project: Project
  beforeAll(() => {
    // `rolldown` builds for a runtime that is not tested here.
    project = createProject(['--legacy-peer-deps', ...frameworks, ...BESIDE, 'rolldown'])
  })
  afterAll(() => project.remove())

  it('passes the conformance suite', () => {
    for (const path of ['test/adapters.mjs', 'test/conformance', 'test/keys', 'vitest.config.ts']) {
      cpSync(join(ROOT, path), join(project.folder, path), { recursive: true })
    }
    const only = hosts ? ['-t', hosts] : []
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...only]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{2,} passed/)
  })

  it('passes the tests of what NestJS resolves, which differs from version to version', () => {
    const folder = 'packages/nestjs/test'
    for (const name of readdirSync(join(ROOT, folder))) {
      // A unit test of a source file, which is not installed, and drivers of GraphQL, each for one version of NestJS.
      if (['deny.test.ts', 'graphql.test.ts'].includes(name)) continue
      cpSync(join(ROOT, folder, name), join(project.folder, folder, name))
    }
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', folder]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{3,} passed/)
  })
})
