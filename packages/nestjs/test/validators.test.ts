import { Controller, Get, type INestApplication, Module, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  type MaskinportenValidator,
  RequireMaskinportenScope,
} from '@portvakt/nestjs'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { call, PLATFORMS, READ, reasonOf, start } from './vedtak-api.js'

const AUDIENCE = 'https://api.example.no'

let mock: MockMaskinporten
let lenient: MaskinportenValidator
let strict: MaskinportenValidator
let app: INestApplication | undefined
let events: string[]

beforeAll(async () => {
  mock = await createMockMaskinporten()
  const logged = (name: string) => ({
    issuer: mock.issuer,
    fetch: mock.fetch,
    onDecision: ({ allowed }: DecisionEvent) => events.push(`${name}: ${allowed}`),
  })
  lenient = createMaskinportenValidator(logged('lenient'))
  strict = createMaskinportenValidator({ ...logged('strict'), audience: AUDIENCE })
})
beforeEach(() => {
  events = []
})
afterEach(async () => {
  await app?.close()
  app = undefined
})

const bearer = async (resource?: string) => [
  `Bearer ${await mock.issueToken({ scope: READ, ...(resource !== undefined && { audience: resource }) })}`,
]

@Controller('strict')
@RequireMaskinportenScope(READ)
class StrictController {
  @Get()
  get() {
    return 'strict'
  }

  @Get('twice')
  @UseGuards(MaskinportenGuard)
  twice() {
    return 'strict'
  }
}

@Controller('lenient')
class LenientController {
  @Get()
  @RequireMaskinportenScope(READ)
  get() {
    return 'lenient'
  }
}

@Module({
  controllers: [StrictController],
  providers: [{ provide: MASKINPORTEN_VALIDATOR, useFactory: () => strict }],
})
class StrictModule {}

describe.each(PLATFORMS)('on %s', (_platform, adapter) => {
  const listen = async (isGlobal: boolean) => {
    app = await start(
      [LenientController],
      { validator: lenient },
      {
        adapter: adapter as never,
        imports: [StrictModule],
        providers: isGlobal ? [{ provide: APP_GUARD, useExisting: MaskinportenGuard }] : [],
      },
    )
    return app
  }

  test.each([false, true])(
    'a module’s own validator decides on its routes (global guard: %s)',
    async (isGlobal) => {
      const api = await listen(isGlobal)
      expect(await reasonOf(call(api, '/strict', await bearer()))).toEqual([401, 'wrong_audience'])
      expect((await call(api, '/strict', await bearer(AUDIENCE))).body).toBe('strict')
      expect((await call(api, '/lenient', await bearer())).body).toBe('lenient')
    },
  )

  it('two validators decide once each, however many guards ask them', async () => {
    const api = await listen(true)
    expect((await call(api, '/strict/twice', await bearer(AUDIENCE))).body).toBe('strict')
    expect(events).toEqual(['lenient: true', 'strict: true'])
  })

  it('the global guard’s validator refuses first', async () => {
    const api = await listen(true)
    expect(await reasonOf(call(api, '/strict'))).toEqual([401, 'no_credentials'])
    expect(events).toEqual(['lenient: false'])
  })
})
