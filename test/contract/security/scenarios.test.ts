import type { MaskinportenReason } from '@portvakt/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTS } from '../conformance/hosts.js'
import { Arena, expectAnswer } from './arena.js'
import { Forge } from './forge.js'
import { SCENARIOS } from './scenarios.js'
import { prepare } from './stage.js'

const forge = new Forge()

describe.each(HOSTS)('scenarios on $name', (host) => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open(host, await prepare(forge))
  })
  afterAll(() => arena.close())

  test.each(SCENARIOS.map((scenario) => [`${scenario.id} ${scenario.title}`, scenario] as const))(
    '%s',
    async (_title, { target, play }) => {
      const prepared = await prepare(forge, target?.(forge))
      const present = async (token: string, path = '/read'): Promise<MaskinportenReason | 'allowed'> => {
        const headers = [['Authorization', `Bearer ${token}`]] as const
        const outcome = await arena.send({ method: 'GET', target: path, headers }, prepared)
        const reason = outcome.reported.at(-1)
        expect(outcome.handled).toBe(reason === undefined ? 1 : 0)
        if (reason === undefined) expect(outcome.answer.status).toBe(200)
        else expectAnswer(outcome, reason)
        return reason ?? 'allowed'
      }
      await play({
        forge,
        present,
        clock: prepared.clock,
        publish: prepared.publish,
        fetches: prepared.fetches,
        async refresh() {
          prepared.clock.advance(601)
          const before = prepared.fetches()
          await present(forge.token({ exp: 1 }))
          // The keys arrive in the background, while the clock stands still.
          while (prepared.validator.health().keyAge !== 0)
            await new Promise((resolve) => setImmediate(resolve))
          expect(prepared.fetches()).toBe(before + 1)
        },
      })
    },
  )
})
