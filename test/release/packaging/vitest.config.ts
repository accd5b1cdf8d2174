import { defineConfig } from 'vitest/config'

// Runs the tests that are slow or use the npm registry: `pnpm test:packaging`.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.case.ts'],
    globalSetup: ['pack.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Running installs and compilations in parallel does not save time.
    fileParallelism: false,
  },
})
