import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it } from 'vitest'
import { EVENTS, loadBalancerOfAll } from './events.js'
import { type Invoke, type LambdaAnswer, PATH, WRAPPED } from './wrappers.js'

let mock: MockMaskinporten
let validator: MaskinportenValidator
let good: string
let bad: string
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  good = `Bearer ${await mock.issueToken({ scope: 'nav:x.read', consumer: '889640782' })}`
  bad = `${good.slice(0, good.lastIndexOf('.') + 1)}${'A'.repeat(342)}`
})

function challengeOf({ headers, multiValueHeaders }: LambdaAnswer): string | undefined {
  return headers?.['www-authenticate'] ?? multiValueHeaders?.['www-authenticate']?.[0]
}

describe.each(WRAPPED)('a Lambda function by $name', ({ name, create }) => {
  let invoke: Invoke
  beforeAll(async () => {
    invoke = await create(validator)
  })

  describe.each(EVENTS)('events of %s', (source, eventOf) => {
    const call = (...authorization: string[]) => invoke(eventOf(PATH, authorization))

    it(`a valid token reaches the handler from ${source}`, async () => {
      const answer = await call(good)
      expect([answer.statusCode, answer.body]).toEqual([200, '{"consumer":"889640782"}'])
    })

    it(`a request without a token gets 401 from ${source}`, async () => {
      const answer = await call()
      expect([answer.statusCode, challengeOf(answer)]).toEqual([401, 'Bearer realm="maskinporten"'])
      expect(JSON.parse(answer.body)).toMatchObject({ reason: 'no_credentials' })
    })

    it(`a token with a bad signature gets 401 from ${source}`, async () => {
      const answer = await call(bad)
      expect([answer.statusCode, JSON.parse(answer.body)['reason']]).toEqual([401, 'bad_signature'])
      expect(challengeOf(answer)).toBe('Bearer realm="maskinporten", error="invalid_token"')
    })

    it(`a token without the scope gets 403 from ${source}`, async () => {
      const answer = await call(`Bearer ${await mock.issueToken({ scope: 'nav:x.write' })}`)
      expect([answer.statusCode, JSON.parse(answer.body)['reason']]).toEqual([403, 'insufficient_scope'])
    })

    const folds = source === 'ALB' || (source === 'API Gateway v1' && name.startsWith('serverless-http'))
    it.runIf(folds)(`the guard gets only the last of two Authorization headers from ${source}`, async () => {
      expect((await call(bad, good)).statusCode).toBe(200)
      expect((await call(good, bad)).statusCode).toBe(401)
    })

    it.skipIf(folds)(`two Authorization headers get 400 from ${source}`, async () => {
      for (const pair of [
        [good, bad],
        [bad, good],
        [good, good],
      ]) {
        const answer = await call(...pair)
        expect([answer.statusCode, JSON.parse(answer.body)['reason']]).toEqual([400, 'ambiguous_credentials'])
      }
    })
  })
})

// serverless-http is not tested with these events, because they lack `headers`, which it needs.
describe('events of a load balancer with multi-value headers', () => {
  it.each([
    ['@codegenie/serverless-express, Express 5', 400],
    // Hono joins the values with semicolons, which are invalid in a token.
    ['hono/aws-lambda', 401],
  ])('%s answers two Authorization headers in multi-value headers with %i', async (wrapper, status) => {
    const invoke = await WRAPPED.find(({ name }) => name === wrapper)?.create(validator)
    expect((await invoke?.(loadBalancerOfAll(PATH, [good])))?.statusCode).toBe(200)
    expect((await invoke?.(loadBalancerOfAll(PATH, [good, bad])))?.statusCode).toBe(status)
    expect((await invoke?.(loadBalancerOfAll(PATH, [good, good])))?.statusCode).toBe(status)
  })
})
