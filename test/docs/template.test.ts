import { expect, it } from 'vitest'
import { blocksOf, read } from './blocks.js'

it('the template in docs/writing-an-adapter.md is the Koa adapter', () => {
  const [template] = blocksOf('docs/writing-an-adapter.md')
  expect(`${template?.code.trim()}\n`).toBe(read('packages/koa/src/require-maskinporten-scope.ts'))
})
