import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  RequireMaskinportenScope,
} from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import {
  bearer,
  call,
  mock,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  reasonOf,
  start,
} from './vedtak-api.js'

const AUDIENCE = 'https://api.example.no'

let events: string[]
const logged = (name: string) => ({
  issuer: mock.issuer,
  fetch: mock.fetch,
  onDecision: ({ allowed }: DecisionEvent) => events.push(`${name}: ${allowed}`),
})
const lenient = createMaskinportenValidator(logged('lenient'))
const strict = createMaskinportenValidator({ ...logged('strict'), audience: AUDIENCE })
beforeEach(() => {
  events = []
})

const forStrict = await bearer({ audience: AUDIENCE })

@Controller('strict')
@RequireMaskinportenScope(READ)
class StrictController extends PlainController {
  @Get('twice')
  @UseGuards(MaskinportenGuard)
  twice() {
    return 'twice'
  }
}

@Module({
  controllers: [StrictController],
  providers: [{ provide: MASKINPORTEN_VALIDATOR, useFactory: () => strict }],
})
class StrictModule {}

describe.each(PLATFORMS)('two validators on %s', (platform, adapter) => {
  const imports = [MaskinportenModule.forRoot({ validator: lenient }), StrictModule]
  const listen = (isGlobal: boolean) => start([ReadController], { adapter, imports, isGlobal })

  test.each([false, true])(
    `on ${platform}, a module’s own validator decides requests to its routes (global guard: %s)`,
    async (isGlobal) => {
      const api = await listen(isGlobal)
      expect(await reasonOf(call(api, '/strict', await bearer()))).toEqual([401, 'wrong_audience'])
      expect((await call(api, '/strict', forStrict)).body).toBe('plain')
      expect((await call(api, '/read', await bearer())).body).toBe('read')
    },
  )

  it(`on ${platform}, each of two validators decides once for a request with several guards`, async () => {
    const api = await listen(true)
    expect((await call(api, '/strict/twice', forStrict)).body).toBe('twice')
    expect(events).toEqual(['lenient: true', 'strict: true'])
  })

  it(`on ${platform}, the global guard’s validator decides before the module’s own validator`, async () => {
    const api = await listen(true)
    expect(await reasonOf(call(api, '/strict'))).toEqual([401, 'no_credentials'])
    expect(events).toEqual(['lenient: false'])
  })
})
