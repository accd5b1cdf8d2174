import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Controller, Get, Module, Scope, type Type, Version, VersioningType } from '@nestjs/common'
import { LazyModuleLoader, NestFactory } from '@nestjs/core'
import { RequireMaskinportenScope } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
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
  start,
} from './vedtak-api.js'

// Not every version exports its package.json.
const core = dirname(createRequire(import.meta.url).resolve('@nestjs/core'))
const nest: { version: string } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))

/** In NestJS 10.0, lazy modules lack global providers, so a lazy module with a guard cannot be loaded. */
const canLoadGuards = !nest.version.startsWith('10.0.')

/** NestJS 10 and the first versions of 11 lack the option `instrument`. */
const hasInstruments = !/^1[01]\./.test(nest.version)

describe.each(PLATFORMS)('module types on %s', (platform, adapter) => {
  const starting = (module: object, controllers: Type[] = []) =>
    start(controllers, { adapter, imports: [maskinportenModule, module] })

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
    it(`on ${platform}, controllers of ${title} are guarded`, async () => {
      await expectAnswers(starting(moduleWith(ReadController)), { '/read': guarded() })
    })

    it(`on ${platform}, the application does not start if a controller of ${title} binds its guarded method`, async () => {
      await expectNoStart(starting(moduleWith(boundController())), /^BoundController\.get requires/)
    })

    it(`on ${platform}, a handler that a request-scoped controller replaces answers 403 in ${title}`, async () => {
      await expectAnswers(starting(moduleWith(boundController(Scope.REQUEST))), { '/bound': CLOSED })
    })
  })

  it.runIf(canLoadGuards)(`on ${platform}, a lazy module loaded after the start has no routes`, async () => {
    const api = await start([], { adapter })
    await api.get(LazyModuleLoader).load(() => dynamic(boundController()))
    expect((await call(api, '/bound')).status).toBe(404)
  })

  it(`on ${platform}, a guarded controller in one module leaves other modules open`, async () => {
    const answers = { '/read': guarded(), '/plain': open('plain') }
    await expectAnswers(starting(dynamic(PlainController), [ReadController]), answers)
  })

  test.each<[string, Scope]>([
    ['singleton', Scope.DEFAULT],
    ['request-scoped', Scope.REQUEST],
  ])(`on ${platform}, a %s controller with a version and a host is guarded`, async (_title, scope) => {
    @Controller({ path: 'versioned', version: '1', host: 'localhost', scope })
    class VersionedController extends ReadController {
      @Get('next')
      @Version('2')
      @RequireMaskinportenScope(READ)
      next() {
        return 'read'
      }
    }
    const api = start([VersionedController], {
      adapter,
      configure: (app) => app.enableVersioning({ type: VersioningType.URI }),
    })
    await expectAnswers(api, { '/v1/versioned': guarded(), '/v2/versioned/next': guarded() })
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
    @Module({ imports: [maskinportenModule], controllers: [InstrumentedController] })
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
    await expectAnswers(api, { '/instrumented': CLOSED })
    await api.close()
  })
})
