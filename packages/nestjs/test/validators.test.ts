import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
} from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import {
  bearer,
  call,
  mock,
  PLATFORMS,
  PlainController,
  ReadController,
  reasonOf,
  requireRead,
  start,
} from './vedtak-api.js'

const audience = 'https://api.example.no'

const events: string[] = []
const logged = (name: string) => ({
  issuer: mock.issuer,
  fetch: mock.fetch,
  onDecision: ({ allowed }: DecisionEvent) => events.push(`${name}: ${allowed}`),
})
const lenient = createMaskinportenValidator(logged('lenient'))
const strict = createMaskinportenValidator({ ...logged('strict'), audience })

@Controller('strict')
@requireRead
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

const imports = [MaskinportenModule.forRoot({ validator: lenient }), StrictModule]

it.each(PLATFORMS)(
  'on %s, a module’s own validator decides requests to its routes',
  async (_name, adapter) => {
    for (const isGlobal of [false, true]) {
      const api = await start([ReadController], { adapter, imports, isGlobal })
      expect(await reasonOf(call(api, '/strict', await bearer()))).toEqual([401, 'wrong_audience'])
      expect((await call(api, '/strict', await bearer({ audience }))).body).toBe('plain')
      expect((await call(api, '/read', await bearer())).body).toBe('read')
    }
  },
)

it.each(PLATFORMS)(
  'on %s, the global guard’s validator decides first, and each validator decides once for several guards',
  async (_name, adapter) => {
    const api = await start([], { adapter, imports, isGlobal: true })
    events.length = 0
    expect((await call(api, '/strict/twice', await bearer({ audience }))).body).toBe('twice')
    expect(await reasonOf(call(api, '/strict'))).toEqual([401, 'no_credentials'])
    expect(events).toEqual(['lenient: true', 'strict: true', 'lenient: false'])
  },
)
