import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { takeList, takeOptions } from '@portvakt/core/adapter'
import { MaskinportenGuard } from './maskinporten-guard.js'
import {
  CheckedOptions,
  MASKINPORTEN_OPTIONS,
  MASKINPORTEN_VALIDATOR,
  type MaskinportenModuleOptions,
} from './module-options.js'
import { checkStart } from './start-check.js'

/** Options that a factory creates from other providers. */
export interface MaskinportenModuleAsyncOptions<Dependencies extends readonly unknown[] = never> {
  readonly imports?: NonNullable<ModuleMetadata['imports']>
  /** The provider tokens of the factory's arguments. */
  readonly inject?: NonNullable<Extract<Provider, { inject?: unknown }>['inject']>
  readonly useFactory: (
    ...dependencies: Dependencies
  ) => MaskinportenModuleOptions | Promise<MaskinportenModuleOptions>
}

/**
 * Provides the validator of all guards of the application. Import this module once, in the root module. The
 * module reads environment and options when NestJS creates the providers, so that a test can override
 * {@link MASKINPORTEN_VALIDATOR} or set the variables first. A wrong option or variable makes the start fail.
 *
 * @example
 * @Module({ imports: [MaskinportenModule.forRoot()], controllers: [VedtakController] })
 * export class AppModule {}
 */
export class MaskinportenModule implements OnModuleInit {
  readonly #moduleRef: ModuleRef

  constructor(moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef
  }

  /** Creates the validator from these options. Default: issuer and keys from the variables of NAIS. */
  static forRoot(options: MaskinportenModuleOptions = {}): DynamicModule {
    return moduleWith({ provide: MASKINPORTEN_OPTIONS, useFactory: () => new CheckedOptions(options) })
  }

  /** @throws {TypeError} without `useFactory`, and for an unknown member */
  static forRootAsync<Dependencies extends readonly unknown[]>(
    options: MaskinportenModuleAsyncOptions<Dependencies>,
  ): DynamicModule {
    const taken = takeOptions(options, ['imports', 'inject', 'useFactory'], 'forRootAsync')
    const { imports = [], inject = [], useFactory } = taken
    if (typeof useFactory !== 'function') {
      throw new TypeError('forRootAsync takes { imports, inject, useFactory }')
    }
    const provider = {
      provide: MASKINPORTEN_OPTIONS,
      inject: takeList(inject, 'inject'),
      useFactory: async (...dependencies: Dependencies) =>
        new CheckedOptions(await useFactory(...dependencies)),
    }
    return { ...moduleWith(provider), imports: takeList(imports, 'imports') }
  }

  /** @throws {Error} if NestJS would bypass the guard of a handler */
  onModuleInit(): void {
    checkStart(this.#moduleRef, MaskinportenGuard)
  }
}

function moduleWith(options: Provider): DynamicModule {
  return {
    module: MaskinportenModule,
    global: true,
    providers: [
      options,
      {
        provide: MASKINPORTEN_VALIDATOR,
        inject: [MASKINPORTEN_OPTIONS],
        useFactory: (checked: CheckedOptions) => checked.createValidator(),
      },
      MaskinportenGuard,
    ],
    exports: [MASKINPORTEN_OPTIONS, MASKINPORTEN_VALIDATOR, MaskinportenGuard],
  }
}

Module({})(MaskinportenModule)
Inject(ModuleRef)(MaskinportenModule, undefined, 0)
