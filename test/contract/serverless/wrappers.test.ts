import { beforeAll, describe, expect, it } from 'vitest'
import { headersWith, validator } from '../adapter-world.js'
import { EVENTS, loadBalancerOfAll } from './events.js'
import { invoke, type LambdaAnswer, WRAPPED } from './wrappers.js'

const PATH = '/read'
const api = { validator, offline: validator, slow: validator, handled: () => undefined }

const { authorization: good } = await headersWith({ consumer: '889640782' })
const { authorization: other } = await headersWith({ scope: 'nav:x.write' })
const bad = `${good.slice(0, good.lastIndexOf('.') + 1)}${'A'.repeat(342)}`

function challengeOf({ headers, multiValueHeaders }: LambdaAnswer): string | undefined {
  return headers?.['www-authenticate'] ?? multiValueHeaders?.['www-authenticate']?.[0]
}

describe.each(WRAPPED)('a Lambda function by %s', (name, create) => {
  let lambda: unknown
  beforeAll(async () => {
    lambda = await create(api)
  })

  describe.each(EVENTS)('events of %s', (source, eventOf) => {
    const call = (...authorization: string[]) => invoke(lambda, eventOf(PATH, authorization))

    it(`an ${source} event with a valid token reaches the handler`, async () => {
      const answer = await call(good)
      expect([answer.statusCode, answer.body]).toEqual([200, '{"consumer":"889640782"}'])
    })

    it(`an ${source} event without a token or with a bad signature gets 401, and one without the scope 403`, async () => {
      const [missing, forged, lacking] = [await call(), await call(bad), await call(other)]
      expect([missing.statusCode, challengeOf(missing)]).toEqual([401, 'Bearer realm="maskinporten"'])
      expect([forged.statusCode, JSON.parse(forged.body).reason]).toEqual([401, 'bad_signature'])
      expect([lacking.statusCode, JSON.parse(lacking.body).reason]).toEqual([403, 'insufficient_scope'])
    })

    const folds = source === 'ALB' || (source === 'API Gateway v1' && name.startsWith('serverless-http'))
    it.runIf(folds)(`an ${source} event gives the guard only the last Authorization header`, async () => {
      expect((await call(bad, good)).statusCode).toBe(200)
      expect((await call(good, bad)).statusCode).toBe(401)
    })

    it.skipIf(folds)(`two Authorization headers in an ${source} event get 400`, async () => {
      for (const answer of [await call(good, bad), await call(bad, good), await call(good, good)]) {
        expect([answer.statusCode, JSON.parse(answer.body)['reason']]).toEqual([400, 'ambiguous_credentials'])
      }
    })
  })
})

// serverless-http is not tested with these events, because it needs `headers`, which these events lack.
describe('events of a load balancer with multi-value headers', () => {
  it.each([
    ['@codegenie/serverless-express, Express 5', 400],
    // Hono joins the values with semicolons, which are invalid in a token.
    ['hono/aws-lambda', 401],
  ])('for two Authorization values in `multiValueHeaders`, %s answers %i', async (wrapper, status) => {
    const [, create] = WRAPPED.find(([name]) => name === wrapper) ?? []
    const lambda = await create?.(api)
    const statusFor = async (...values: string[]) =>
      (await invoke(lambda, loadBalancerOfAll(PATH, values))).statusCode
    expect(await statusFor(good)).toBe(200)
    expect(await statusFor(good, bad)).toBe(status)
    expect(await statusFor(good, good)).toBe(status)
  })
})
