import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest'
import { ADAPTERS, nest } from '../../adapters.mjs'
import { createProject, type Project, ROOT } from './project.js'

const tarballs = inject('tarballs')

const NEWEST = ADAPTERS.flatMap(({ newest }) => newest)

/** Projects that together cover the lowest and the newest version of every major. */
const PROJECTS: readonly { title: string; frameworks: readonly string[]; hosts?: string }[] = [
  { title: 'the lowest versions', frameworks: ADAPTERS.flatMap(({ lowest }) => lowest) },
  { title: 'the newest versions', frameworks: NEWEST },
  ...['10', '11.0.0', '11', '12.0.1'].map((version) => ({
    title: `Nest ${version}`,
    frameworks: [...NEWEST.filter((dependency) => !dependency.startsWith('@nestjs/')), ...nest(version)],
    hosts: 'Nest on',
  })),
]

const OTHERS = [
  ...['vitest@4', 'reflect-metadata@0.1.13 || 0.2', 'rxjs@7', '@types/node@20', 'connect@3'],
  ...['core', ...ADAPTERS.map(({ name }) => name), 'mock'].map((name) => tarballs[name] ?? ''),
]

test.each(ADAPTERS)('@portvakt/$name declares the tested framework versions as peers', ({ name, peers }) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
  expect(manifest.peerDependencies ?? {}).toEqual(peers)
})

describe.each(PROJECTS)('frameworks: $title', ({ title, frameworks, hosts = '' }) => {
  let project: Project
  beforeAll(() => {
    // The conformance suite imports `rolldown` for workerd.
    project = createProject(['--legacy-peer-deps', ...frameworks, ...OTHERS, 'rolldown'])
  })
  afterAll(() => project.remove())

  it(`the conformance suite passes with ${title}`, () => {
    for (const path of ['test/adapters.mjs', 'test/contract/conformance', 'test/keys', 'vitest.config.ts']) {
      cpSync(join(ROOT, path), join(project.folder, path), { recursive: true })
    }
    const only = hosts ? ['-t', hosts] : []
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...only]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{2,} passed/)
  })

  it(`the tests of @portvakt/nestjs pass with ${title}`, () => {
    const folder = 'packages/nestjs/test'
    for (const name of readdirSync(join(ROOT, folder))) {
      // Skip a test of an unpublished file, and GraphQL tests, whose drivers fit only one version of NestJS.
      if (['deny.test.ts', 'graphql.deep.test.ts'].includes(name)) continue
      cpSync(join(ROOT, folder, name), join(project.folder, folder, name))
    }
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', folder]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{3,} passed/)
  })
})
