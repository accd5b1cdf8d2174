import { defineConfig } from 'vitest/config'

export default defineConfig({
  // NestJS's decorators, as its tests write them.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/keys/make-keys.ts'],
    setupFiles: ['test/keys/keys-at-hand.ts'],
    // Vitest leaves one core to itself, which of two is too many.
    maxWorkers: '100%',
    // For what hangs, not for what is slow: many tests start processes, and some machines have little to give.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that forgets to await, or leaves a rejection behind, fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
