import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The tests of a mutation run: those that can kill the mutants of its modules. */
const tests = process.env['MUTATION_TESTS']?.split(',') ?? ['packages/*/test/**/*.test.ts']

/**
 * An adapter's tests import the adapter by its package name, as users do. For a mutated adapter, this name
 * must resolve to its source.
 */
const adapters = (process.env['MUTATION_FILES'] ?? '').matchAll(/packages\/(?!core|client)(\w+)\//g)
const alias = [...adapters].flatMap(([, name]) => [
  { find: new RegExp(`^@portvakt/${name}$`), replacement: resolve(`packages/${name}/src/index.ts`) },
  { find: new RegExp(`^@portvakt/${name}/(\\w+)$`), replacement: resolve(`packages/${name}/src/$1.ts`) },
])

export default defineConfig({
  resolve: {
    alias: [
      ...alias,
      { find: '#post-json', replacement: resolve('packages/core/src/platform/post-json.node.ts') },
      { find: '#verify-rsa', replacement: resolve('packages/core/src/jws/verify-rsa.node.ts') },
    ],
  },
  oxc: { decorator: { legacy: true } },
  test: {
    include: tests,
    // NestJS takes a second to load, and isolation would load it again for each file. The NestJS adapter's
    // tests do not need isolation.
    isolate: !tests.some((file) => file.startsWith('packages/nestjs/')),
    runner: 'test/tools/mutation/runner.ts',
    globalSetup: ['test/keys/make-keys.ts'],
    setupFiles: ['test/keys/keys-at-hand.ts'],
    // A mutant that hangs fails its test by this limit, which is faster than restarting the process.
    testTimeout: 4_000,
    hookTimeout: 4_000,
  },
})
