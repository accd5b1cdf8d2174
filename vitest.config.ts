import { defineConfig } from 'vitest/config'

export default defineConfig({
  // NestJS's decorators, as its tests write them.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // A test that forgets to await, or leaves a rejection behind, fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
