import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest'
import { createProject, type Project, ROOT } from './project.js'

const tarballs = inject('tarballs')

/** The peer dependencies of each adapter. The lowest version of each major is tested below. */
const RANGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  express: { express: '^4.17.0 || ^5.0.0' },
  koa: { koa: '^2.13.0 || ^3.0.0' },
  fastify: { fastify: '^5.0.0' },
  hono: { hono: '^4.0.0' },
  nestjs: {
    '@nestjs/common': '^10.0.0 || ^11.0.0 || ^12.0.0',
    '@nestjs/core': '^10.0.0 || ^11.0.0 || ^12.0.0',
  },
}

const nest = (version: string) =>
  ['common', 'core', 'platform-express', 'platform-fastify', 'testing'].map(
    (part) => `@nestjs/${part}@${version}`,
  )

/** The lowest and the newest version of every major, in as few projects as possible. */
const PROJECTS: readonly { title: string; frameworks: readonly string[]; hosts?: string }[] = [
  {
    title: 'the lowest versions',
    frameworks: [
      // @hono/node-server 2 needs Hono 4.6.7.
      ...['express4@npm:express@4.17.0', 'express@5.0.0', 'koa2@npm:koa@2.13.0', 'koa@3.0.0'],
      ...['fastify@5.0.0', 'hono@4.0.0', '@hono/node-server@1', ...nest('10.0.0')],
    ],
  },
  {
    title: 'the newest versions',
    frameworks: [
      ...['express4@npm:express@4', 'express@5', 'koa2@npm:koa@2', 'koa@3'],
      ...['fastify@5', 'hono@4', '@hono/node-server@2', ...nest('12')],
    ],
  },
  ...['10', '11.0.0', '11', '12.0.1'].map((version) => ({
    title: `Nest ${version}`,
    frameworks: [
      ...['express4@npm:express@4', 'express@5', 'koa2@npm:koa@2', 'koa@3'],
      ...['fastify@5', 'hono@4', '@hono/node-server@2', ...nest(version)],
    ],
    hosts: 'Nest on',
  })),
]

const OTHERS = [
  ...['vitest@4', 'reflect-metadata@0.1.13 || 0.2', 'rxjs@7', '@types/node@20', 'connect@3'],
  ...['core', 'express', 'koa', 'fastify', 'nestjs', 'hono', 'fetch', 'mock'].map(
    (name) => tarballs[name] ?? '',
  ),
]

test.each(Object.entries(RANGES))('@portvakt/%s declares the tested versions', (name, range) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
  expect(manifest.peerDependencies).toEqual(range)
})

describe.each(PROJECTS)('frameworks: $title', ({ title, frameworks, hosts = '' }) => {
  let project: Project
  beforeAll(() => {
    // The conformance suite imports `rolldown` for workerd.
    project = createProject(['--legacy-peer-deps', ...frameworks, ...OTHERS, 'rolldown'])
  })
  afterAll(() => project.remove())

  it(`the conformance suite passes with ${title}`, () => {
    for (const path of ['test/conformance', 'test/keys', 'vitest.config.ts']) {
      cpSync(join(ROOT, path), join(project.folder, path), { recursive: true })
    }
    const only = hosts ? ['-t', hosts] : []
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...only]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{2,} passed/)
  })

  it(`the tests of @portvakt/nestjs pass with ${title}`, () => {
    const folder = 'packages/nestjs/test'
    for (const name of readdirSync(join(ROOT, folder))) {
      // Not copied: a test of an unpublished source file, and GraphQL drivers, each for one version of NestJS.
      if (['deny.test.ts', 'graphql.test.ts'].includes(name)) continue
      cpSync(join(ROOT, folder, name), join(project.folder, folder, name))
    }
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', folder]
    expect(project.run(process.execPath, ...vitest)).toMatch(/Tests {2}\d{3,} passed/)
  })
})
