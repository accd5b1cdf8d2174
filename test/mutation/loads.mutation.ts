import { resolve } from 'node:path'
import { expect, test } from 'vitest'

/** A mutant with which its module does not even load fails here; elsewhere no test would be left to fail. */
const files = process.env['MUTATION_FILES']?.split(',') ?? []

test.each(files)('%s loads', async (file) => {
  expect(Object.keys(await import(/* @vite-ignore */ resolve(file)))).not.toHaveLength(0)
})
