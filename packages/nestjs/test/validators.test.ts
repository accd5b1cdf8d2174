import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  RequireMaskinportenScope,
} from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import {
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

const bearerFor = async (resource?: string) => [
  `Bearer ${await mock.issueToken({ scope: READ, ...(resource !== undefined && { audience: resource }) })}`,
]

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

describe.each(PLATFORMS)('two validators on %s', (_platform, adapter) => {
  const options = { validator: lenient }
  const listen = (isGlobal: boolean) =>
    start([ReadController], { options, adapter, imports: [StrictModule], isGlobal })

  test.each([false, true])(
    'a module’s own validator decides requests to its routes (global guard: %s)',
    async (isGlobal) => {
      const api = await listen(isGlobal)
      expect(await reasonOf(call(api, '/strict', await bearerFor()))).toEqual([401, 'wrong_audience'])
      expect((await call(api, '/strict', await bearerFor(AUDIENCE))).body).toBe('plain')
      expect((await call(api, '/read', await bearerFor())).body).toBe('read')
    },
  )

  it('each of two validators decides once for a request with several guards', async () => {
    const api = await listen(true)
    expect((await call(api, '/strict/twice', await bearerFor(AUDIENCE))).body).toBe('twice')
    expect(events).toEqual(['lenient: true', 'strict: true'])
  })

  it('the global guard’s validator decides before the module’s own validator', async () => {
    const api = await listen(true)
    expect(await reasonOf(call(api, '/strict'))).toEqual([401, 'no_credentials'])
    expect(events).toEqual(['lenient: false'])
  })
})
