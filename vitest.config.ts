import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Test files that share a process, and therefore the modules that they import. They pass every validator,
 * variable and mock explicitly, because another file can have changed the shared ones (the default validator,
 * the mock of the set-up file, the environment). Every other file has its own process.
 */
const SHARED = [
  'packages/{client,mock}/test/**/*.test.ts',
  'test/{architecture,docs,contract/{conformance,faults,security},release/supply-chain}/**/*.test.ts',
]

const DEEP = '**/*.deep.test.ts'

/** The source of `#post-json`, which core's package.json chooses by runtime. */
const isNode = !('bun' in process.versions || 'deno' in process.versions)
const postJson = resolve(`packages/core/src/platform/post-json${isNode ? '.node' : ''}.ts`)

export default defineConfig({
  resolve: { alias: { '#post-json': postJson } },
  // For the decorators in tests of NestJS.
  oxc: { decorator: { legacy: true } },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'shared', include: SHARED, exclude: [...configDefaults.exclude, DEEP], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARED, DEEP],
        },
      },
      // What `pnpm test` leaves to `pnpm test:deep`: processes, browsers, examples, cross products and properties.
      { extends: true, test: { name: 'deep', include: [`{packages,test}/${DEEP}`] } },
    ],
    globalSetup: ['test/keys/make-keys.ts'],
    setupFiles: ['test/keys/keys-at-hand.ts'],
    // By default, Vitest keeps one core for itself: too much on a machine with two.
    maxWorkers: '100%',
    // Catches tests that hang, not slow ones: many tests start processes, and some machines are slow.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A missing `await` or an unhandled rejection fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
