import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Controller, Get, Module, Scope, type Type, Version, VersioningType } from '@nestjs/common'
import { LazyModuleLoader, NestFactory, REQUEST } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { MASKINPORTEN_VALIDATOR, MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  bearer,
  call,
  expectGuarded,
  expectNoStart,
  expectOpen,
  listen,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  reasonOf,
  start,
  validator,
} from './vedtak-api.js'

// Not every version exports its package.json.
const core = dirname(createRequire(import.meta.url).resolve('@nestjs/core'))
const nest: { version: string } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))

/** A new class whose constructor binds the guarded method `get`, so that the method loses its guard. */
function boundController(scope = Scope.DEFAULT): Type {
  @Controller({ path: 'bound', scope })
  class BoundController extends ReadController {
    constructor() {
      super()
      this.get = this.get.bind(this)
    }
  }
  return BoundController
}

/** In NestJS 10.0, lazy modules lack global providers, so a lazy module with a guard cannot be loaded. */
const canLoadGuards = !nest.version.startsWith('10.0.')

/** NestJS 10 and the first versions of 11 lack the option `instrument`. */
const hasInstruments = !/^1[01]\./.test(nest.version)

describe.each(PLATFORMS)('module types on %s', (_platform, adapter) => {
  const starting = (imports: object[], controllers: Type[] = []) => start(controllers, { adapter, imports })

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
    it(`controllers of ${title} are guarded`, async () => {
      await expectGuarded(await starting([moduleWith(ReadController)]), '/read')
    })

    it(`the application does not start if a controller of ${title} binds its guarded method`, async () => {
      await expectNoStart(starting([moduleWith(boundController())]), /^BoundController\.get requires/)
    })

    it(`a handler that a request-scoped controller replaces answers 403 in ${title}`, async () => {
      const api = await starting([moduleWith(boundController(Scope.REQUEST))])
      expect(await reasonOf(call(api, '/bound', await bearer()))).toEqual([403, 'no_guard'])
    })
  })

  it.runIf(canLoadGuards)('a lazy module loaded after the start has no routes', async () => {
    const api = await starting([])
    await api.get(LazyModuleLoader).load(() => dynamic(boundController()))
    expect((await call(api, '/bound')).status).toBe(404)
  })

  it('a guarded controller in one module leaves other modules open', async () => {
    const api = await starting([dynamic(PlainController)], [ReadController])
    await expectGuarded(api, '/read')
    await expectOpen(api, '/plain', 'plain')
  })

  test.each<[string, Scope]>([
    ['singleton', Scope.DEFAULT],
    ['request-scoped', Scope.REQUEST],
  ])('a %s controller with a version and a host is guarded', async (_title, scope) => {
    @Controller({ path: 'versioned', version: '1', host: 'localhost', scope })
    class VersionedController {
      @Get()
      @RequireMaskinportenScope(READ)
      get() {
        return 'read'
      }

      @Get('next')
      @Version('2')
      @RequireMaskinportenScope(READ)
      next() {
        return 'read'
      }
    }
    const module = await Test.createTestingModule({
      imports: [MaskinportenModule.forRoot({ validator })],
      controllers: [VersionedController],
    }).compile()
    const app = module.createNestApplication(adapter() as never, { logger: false })
    app.enableVersioning({ type: VersioningType.URI })
    await app.listen(0, '127.0.0.1')
    await expectGuarded(app, '/v1/versioned')
    await expectGuarded(app, '/v2/versioned/next')
    await app.close()
  })
})

describe('NestJS’s option `instrument`, replacing methods of instances', () => {
  const instanceDecorator = (instance: unknown): unknown => {
    if (!(instance instanceof ReadController)) return instance
    const { get } = instance
    return Object.assign(instance, { get: () => get.call(instance) })
  }
  const instrumented = async (scope: Scope) => {
    @Controller({ path: 'instrumented', scope })
    class InstrumentedController extends ReadController {}
    @Module({
      imports: [MaskinportenModule.forRoot({ validator })],
      controllers: [InstrumentedController],
    })
    class AppModule {}
    const options = { logger: false, abortOnError: false, instrument: { instanceDecorator } } as const
    const app = await NestFactory.create(AppModule, options)
    await app.listen(0, '127.0.0.1')
    return app
  }

  it.runIf(hasInstruments)('the app does not start if `instrument` replaces a guarded method', async () => {
    await expectNoStart(instrumented(Scope.DEFAULT), /^InstrumentedController\.get requires a token/)
  })

  it.runIf(hasInstruments)('a request-scoped handler that `instrument` replaces answers 403', async () => {
    const api = await instrumented(Scope.REQUEST)
    expect(await reasonOf(call(api, '/instrumented', await bearer()))).toEqual([403, 'no_guard'])
    await api.close()
  })
})

describe('a handler replaced for one request', () => {
  it('without MaskinportenModule, a guarded handler that a request-scoped controller replaces answers 403', async () => {
    const controllers = [boundController(Scope.REQUEST)]
    const providers = [{ provide: MASKINPORTEN_VALIDATOR, useValue: validator }]
    const api = await listen(Test.createTestingModule({ controllers, providers }))
    expect(await reasonOf(call(api, '/bound'))).toEqual([403, 'no_guard'])
  })

  it('if each request has its own validator, a guarded handler that its controller binds answers NestJS’s own 403', async () => {
    const perRequest = MaskinportenModule.forRootAsync({
      inject: [REQUEST],
      useFactory: () => ({ validator }),
    })
    const controllers = [boundController(), ReadController]
    const api = await listen(Test.createTestingModule({ imports: [perRequest], controllers }))
    const { status, body } = await call(api, '/bound', await bearer())
    expect([status, JSON.parse(body).message]).toEqual([403, 'Forbidden resource'])
    await expectGuarded(api, '/read')
  })
})
