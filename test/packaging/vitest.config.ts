import { defineConfig } from 'vitest/config'

// What is slow or takes the npm registry: `pnpm test:packaging`.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.case.ts'],
    globalSetup: ['pack.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Installing and compiling side by side only makes each of them slower.
    fileParallelism: false,
  },
})
