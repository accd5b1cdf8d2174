import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Controller, Get, Module, Next, Scope, type Type, Version, VersioningType } from '@nestjs/common'
import { LazyModuleLoader, NestFactory } from '@nestjs/core'
import { MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import { describe, expect, it } from 'vitest'
import {
  bearer,
  boundController,
  CLOSED,
  call,
  expectAnswers,
  expectNoStart,
  guarded,
  maskinportenModule,
  open,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  requireRead,
  start,
  urlValidator,
} from './vedtak-api.js'

// Not every version exports its package.json.
const core = dirname(createRequire(import.meta.url).resolve('@nestjs/core'))
const nest: { version: string } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))

/** In NestJS 10.0, lazy modules lack global providers, so a lazy module with a guard cannot be loaded. */
const canLoadGuards = !nest.version.startsWith('10.0.')

/** NestJS 10 and the first versions of 11 lack the option `instrument`. */
const hasInstruments = !/^1[01]\./.test(nest.version)

const starting = (module: object, controllers: Type[] = []) =>
  start(controllers, { imports: [maskinportenModule, module] })

const dynamic = (controller: Type) => ({ module: class DynamicModule {}, controllers: [controller] })
/** Loads a module with this controller from a provider’s factory, before NestJS creates routes. */
const lazy = (controller: Type) => {
  const loadLazily = {
    provide: 'LAZY',
    inject: [LazyModuleLoader],
    useFactory: (loader: LazyModuleLoader) => loader.load(() => dynamic(controller)),
  }
  return { module: class LoadingModule {}, providers: [loadLazily] }
}

describe.each<[string, (controller: Type) => object]>([
  ['a dynamic module', dynamic],
  ...(canLoadGuards ? [['a lazy module loaded during the start', lazy] as [string, typeof lazy]] : []),
])('%s', (title, moduleWith) => {
  it(`handlers of ${title} are guarded, and lose no guard silently`, async () => {
    await expectAnswers(starting(moduleWith(ReadController)), { '/read': guarded() })
    await expectNoStart(starting(moduleWith(boundController())), /^Binding\.get requires/)
    await expectAnswers(starting(moduleWith(boundController(Scope.REQUEST))), { '/bound': CLOSED })
  })
})

it.runIf(canLoadGuards)('a lazy module loaded after the start has no routes', async () => {
  const api = await start([])
  await api.get(LazyModuleLoader).load(() => dynamic(boundController()))
  expect((await call(api, '/bound')).status).toBe(404)
})

it('a requirement that depends on the request is decided again for a handler to which another one passes on', async () => {
  @Controller('v')
  @RequireMaskinportenScope(({ route }: { route: { path: string } }) =>
    route.path.endsWith('/admin') ? 'nav:admin' : READ,
  )
  class VedtakController {
    @Get(':id')
    one(@Next() next: () => void) {
      next()
    }

    @Get('admin')
    admin() {
      return 'secret'
    }
  }
  const { status, body } = await call(await start([VedtakController]), '/v/admin', await bearer())
  expect([status, JSON.parse(body)]).toEqual([403, expect.objectContaining({ reason: 'insufficient_scope' })])
})

// NestJS 10 takes all imports of the module for one import, because they have the same members.
it.runIf(!nest.version.startsWith('10.'))(
  'the application does not start with two imports of MaskinportenModule, of which NestJS would choose one',
  async () => {
    const feature = {
      module: class FeatureModule {},
      imports: [MaskinportenModule.forRoot({ validator: urlValidator })],
    }
    await expectNoStart(
      start([], { imports: [feature, maskinportenModule] }),
      /^MaskinportenModule is imported twice/,
    )
    await expectAnswers(
      start([ReadController], {
        imports: [{ ...feature, imports: [maskinportenModule] }, maskinportenModule],
      }),
      {
        '/read': guarded(),
      },
    )
  },
)

it('a guarded controller in one module leaves other modules open', async () => {
  const answers = { '/read': guarded(), '/plain': open('plain') }
  await expectAnswers(starting(dynamic(PlainController), [ReadController]), answers)
})

it.each(PLATFORMS)('on %s, a controller with a version and a host is guarded', async (_name, adapter) => {
  for (const scope of [Scope.DEFAULT, Scope.REQUEST]) {
    @Controller({ path: 'versioned', version: '1', host: 'localhost', scope })
    class VersionedController extends ReadController {
      @Get('next')
      @Version('2')
      @requireRead
      next() {
        return 'read'
      }
    }
    const api = start([VersionedController], {
      adapter,
      configure: (app) => app.enableVersioning({ type: VersioningType.URI }),
    })
    await expectAnswers(api, { '/v1/versioned': guarded(), '/v2/versioned/next': guarded() })
  }
})

it.runIf(hasInstruments)('NestJS’s option `instrument` cannot replace a guarded method', async () => {
  const instanceDecorator = (instance: unknown): unknown => {
    if (!(instance instanceof ReadController)) return instance
    const { get } = instance
    return Object.assign(instance, { get: () => get.call(instance) })
  }
  const instrumented = async (scope: Scope) => {
    @Controller({ path: 'instrumented', scope })
    class InstrumentedController extends ReadController {}
    @Module({ imports: [maskinportenModule], controllers: [InstrumentedController] })
    class AppModule {}
    const options = { logger: false, abortOnError: false, instrument: { instanceDecorator } } as const
    const app = await NestFactory.create(AppModule, options)
    return app.listen(0, '127.0.0.1').then(() => app)
  }
  await expectNoStart(instrumented(Scope.DEFAULT), /^InstrumentedController\.get requires a token/)
  const api = await instrumented(Scope.REQUEST)
  await expectAnswers(api, { '/instrumented': CLOSED })
  await api.close()
})
