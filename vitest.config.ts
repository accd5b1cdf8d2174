import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/** Test files of the validator that guards share by default, which a process creates only once. */
const ALONE = [
  'packages/core/test/guard.test.ts',
  'packages/{express,fastify}/test/require-maskinporten-scope.test.ts',
  'packages/fastify/test/plugin.test.ts',
  'packages/nestjs/test/module.test.ts',
]
/** What `pnpm test` leaves to `pnpm test:deep`: processes, browsers, examples, cross products and properties. */
const DEEP = '{packages,test}/**/*.deep.test.ts'

/** The sources that core's package.json chooses by runtime. */
const isNode = !('bun' in process.versions || 'deno' in process.versions)
const ending = isNode ? '.node.ts' : '.ts'
const chosen = {
  '#post-json': resolve(`packages/core/src/platform/post-json${ending}`),
  '#verify-rsa': resolve(`packages/core/src/jws/verify-rsa${ending}`),
}

export default defineConfig({
  resolve: { alias: chosen },
  // For the decorators in tests of NestJS.
  oxc: { decorator: { legacy: true } },
  test: {
    projects: [
      // These files share a process, and therefore the modules that they import: they pass every validator, variable
      // and mock explicitly.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['{packages,test}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE, DEEP],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'deep', include: [DEEP] } },
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
