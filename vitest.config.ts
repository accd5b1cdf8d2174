import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Tests whose files share a process, and so what they import. They hand over every validator, variable and
 * mock that they use: what these keep by themselves (the validator by default, the mock of the set-up file,
 * the environment) would be another's. All other files have a process each.
 */
const SHARED = [
  'packages/{cli,client}/test/**/*.test.ts',
  'packages/mock/test/**/!(serve).test.ts',
  'test/{architecture,conformance,docs,faults,security,supply-chain}/**/*.test.ts',
]

/** What core's package.json chooses by the runtime, as a source. */
const isNode = !('bun' in process.versions || 'deno' in process.versions)
const postJson = resolve(`packages/core/src/platform/post-json${isNode ? '.node' : ''}.ts`)

export default defineConfig({
  resolve: { alias: { '#post-json': postJson } },
  // NestJS's decorators, as its tests write them.
  oxc: { decorator: { legacy: true } },
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARED],
        },
      },
    ],
    globalSetup: ['test/keys/make-keys.ts'],
    setupFiles: ['test/keys/keys-at-hand.ts'],
    // Vitest leaves one core to itself, which of two is too many.
    maxWorkers: '100%',
    // For what hangs, not for what is slow: many tests start processes, and some machines have little to give.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A test that forgets to await, or leaves a rejection behind, fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
