import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { createMaskinportenValidator } from '../../src/validator.js'

// The memory of JavaScriptCore cannot be measured in this way.
const isV8 = !('bun' in process.versions)

const COUNT = 300
const PADDING = 15_000

it.runIf(isV8)('a cached token does not keep its Authorization header in memory', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const tokens: string[] = []
  for (let index = 0; index <= COUNT; index++) tokens.push(await mock.issueToken({ scope: 'nav:x' }))
  const decideOn = async (token: string) => {
    // The header is decoded from bytes, as in Node's HTTP parser.
    const header = Buffer.from(`Bearer ${' '.repeat(PADDING)}${token}`).toString('latin1')
    expect(await validator.decide(header, 'nav:x')).toMatchObject({ allowed: true })
  }
  await decideOn(tokens.pop() ?? '')
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (const token of tokens) await decideOn(token)
  collectGarbage()
  expect((process.memoryUsage().heapUsed - before) / COUNT).toBeLessThan(PADDING / 2)
})
