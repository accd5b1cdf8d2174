import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // A test that forgets to await, or leaves a rejection behind, fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
