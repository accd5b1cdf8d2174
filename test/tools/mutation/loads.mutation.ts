import { resolve } from 'node:path'
import { expect, test } from 'vitest'

/** Kills mutants whose module does not load: its test files then contain no tests to fail. */
const files = process.env['MUTATION_FILES']?.split(',') ?? []

test.each(files)('%s loads', async (file) => {
  expect(Object.keys(await import(/* @vite-ignore */ resolve(file)))).not.toHaveLength(0)
})
