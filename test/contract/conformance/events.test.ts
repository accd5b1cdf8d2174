import { createMaskinportenValidator, type DecisionEvent } from '@portvakt/core'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConformance, READ } from './api.js'
import { authorization } from './case.js'
import { type Running, send } from './host.js'
import { HOSTS } from './hosts.js'

const PID = '01010199999'

const mock = await createMockMaskinporten()

// Skipped on workerd, where handlers and validators run in another process.
describe.skipIf(process.env['PORTVAKT_WORKERD'])('onDecision and NODE_DEBUG', () => {
  describe.each(HOSTS)('decisions on $name', (host) => {
    let running: Running
    const decisions: { event: DecisionEvent; request: unknown }[] = []
    /** The framework's requests, as `denialBody` receives them. */
    const refusedRequests: unknown[] = []
    const printed: string[] = []

    beforeAll(async () => {
      vi.stubEnv('NODE_DEBUG', 'portvakt')
      const validator = createMaskinportenValidator({
        issuer: mock.issuer,
        fetch: mock.fetch,
        onDecision: (event, request) => decisions.push({ event, request }),
        denialBody: (_denial, request) => void refusedRequests.push(request),
      })
      vi.unstubAllEnvs()
      running = await host.start({ ...createConformance('keys', mock), validator })
      vi.spyOn(console, 'error').mockImplementation((line) => printed.push(String(line)))
    })
    afterAll(async () => {
      vi.restoreAllMocks()
      await running.close()
    })
    beforeEach(() => {
      for (const list of [decisions, refusedRequests, printed]) list.length = 0
    })

    const call = async (method: string, target: string, scope: string) => {
      const token = await mock.issueToken({ scope, pid: PID })
      return { token, ...(await send(running.port, method, target, authorization(`Bearer ${token}`))) }
    }

    test('for a refusal, onDecision and denialBody receive the request object of the framework', async () => {
      expect(await call('GET', '/read', 'nav:other')).toMatchObject({ status: 403 })
      expect(decisions).toHaveLength(1)
      expect(decisions[0]?.event).toMatchObject({
        reason: 'insufficient_scope',
        requiredScope: READ,
        scopes: ['nav:other'],
      })
      expect(refusedRequests).toEqual([expect.any(Object)])
      expect(decisions[0]?.request).toBe(refusedRequests[0])
    })

    test('an allowed request is reported to onDecision, and not printed by NODE_DEBUG', async () => {
      expect(await call('GET', '/read', READ)).toMatchObject({ status: 200 })
      expect(decisions).toEqual([
        { event: expect.objectContaining({ allowed: true }), request: expect.any(Object) },
      ])
      expect(printed).toEqual([])
    })

    test.each([
      ['GET', '/read'],
      ['POST', '/mounted/read'],
      ['PUT', '/router/read'],
    ])(
      'NODE_DEBUG prints one line for a refusal, with the method %s and the path %s',
      async (method, path) => {
        const { token } = await call(method, `${path}?secret=of-the-query&fnr=${PID}`, 'nav:other')
        expect(printed).toEqual([
          expect.stringContaining(
            `portvakt: refused ${method} ${path}: insufficient_scope (required: ${READ}; token has: nav:other; `,
          ),
        ])
        expect(printed[0]).not.toMatch(/\n|of-the-query|\d{11}/)
        for (const part of token.split('.')) expect(printed[0]).not.toContain(part)
      },
    )
  })
})
