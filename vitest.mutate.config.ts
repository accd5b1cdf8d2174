import { defineConfig } from 'vitest/config'

/** The tests that a mutation run needs: those that can kill the mutants of its module. */
const tests = process.env['MUTATION_TESTS']?.split(',') ?? ['packages/*/test/**/*.test.ts']

export default defineConfig({
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
