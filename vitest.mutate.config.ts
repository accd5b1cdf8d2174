import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The tests that a mutation run needs: those that can kill the mutants of its module. */
const tests = process.env['MUTATION_TESTS']?.split(',') ?? ['packages/*/test/**/*.test.ts']

/** Tests of an adapter import it by its name, as its users do: of the one that is mutated, that is its source. */
const adapters = (process.env['MUTATION_FILES'] ?? '').matchAll(/packages\/(?!core|client)(\w+)\//g)
const alias = Object.fromEntries(
  [...adapters].map(([, name]) => [`@portvakt/${name}`, resolve(`packages/${name}/src/index.ts`)]),
)

export default defineConfig({
  resolve: { alias: { ...alias, '#post-json': resolve('packages/core/src/platform/post-json.node.ts') } },
  oxc: { decorator: { legacy: true } },
  test: {
    include: [...tests, 'test/mutation/loads.mutation.ts'],
    globalSetup: ['test/keys/make-keys.ts'],
    setupFiles: ['test/keys/keys-at-hand.ts'],
    // A mutant that hangs fails its test, which is quicker than to end and restart the process.
    testTimeout: 4_000,
    hookTimeout: 4_000,
  },
})
