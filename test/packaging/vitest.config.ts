import { defineConfig } from 'vitest/config'

// Tests that are slow or need the npm registry: `pnpm test:packaging`.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.case.ts'],
    globalSetup: ['pack.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // In parallel, installs and compilations only slow each other down.
    fileParallelism: false,
  },
})
