import { SetMetadata, UseGuards } from '@nestjs/common'
import { MaskinportenGuard, RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it } from 'vitest'
import { decorated, expectNoStart, maskinportenModule, READ, start } from './vedtak-api.js'

const require = RequireMaskinportenScope(READ)

/** The metadata that the decorators of `@nestjs/graphql` write. */
const Query = () => SetMetadata('graphql:resolver_type', 'Query')
const ResolveField = () => SetMetadata('graphql:resolve_property', true)
const ResolveReference = () => SetMetadata('graphql:resolve_reference', true)

/** The provider of the options of `GraphQLModule.forRoot`. */
const graphql = (options: object = {}) => ({ provide: 'GqlModuleOptions', useValue: options })
const GUARDS = { fieldResolverEnhancers: ['guards'] }

const fieldResolver = () => {
  class PersonResolver {
    @Query()
    person() {}

    @ResolveField()
    pets() {}
  }
  return PersonResolver
}
const referenceResolver = () => {
  class PersonResolver {
    @ResolveReference()
    reference() {}
  }
  return PersonResolver
}

class PersonResolver {
  @ResolveField()
  @RequireMaskinportenScope(READ)
  pets() {}
}
class OpenFieldResolver {
  @Query()
  person() {}

  @ResolveField()
  @SkipMaskinporten()
  pets() {}
}

const inheriting = () => {
  const Base = decorated(fieldResolver(), require)
  return { PersonResolver: class extends Base {} }.PersonResolver
}

const NOT_ASKED = (method: string) =>
  new Error(
    `NestJS would call PersonResolver.${method} without asking the guard, because the method is a GraphQL field ` +
      "resolver or reference resolver. Set `fieldResolverEnhancers: ['guards']` in GraphQLModule.forRoot",
  )

describe('GraphQLModule without `fieldResolverEnhancers`', () => {
  it.each([
    ['a field resolver that requires a token', () => PersonResolver, 'pets'],
    ['a field resolver of a class that requires a token', () => decorated(fieldResolver(), require), 'pets'],
    ['a field resolver that inherits the requirement of a class', inheriting, 'pets'],
    [
      'a field resolver of a class with @UseGuards(MaskinportenGuard)',
      () => decorated(fieldResolver(), UseGuards(MaskinportenGuard)),
      'pets',
    ],
    [
      'a reference resolver of a class that requires a token',
      () => decorated(referenceResolver(), require),
      'reference',
    ],
  ])('the application does not start with %s', async (_title, resolver, method) => {
    await expectNoStart(start([], { providers: [graphql(), resolver()] }), NOT_ASKED(method))
  })

  it('under a global guard, the application does not start with a reference resolver without a decorator', async () => {
    const providers = [graphql(), referenceResolver()]
    await expectNoStart(start([], { providers, isGlobal: true }), NOT_ASKED('reference'))
    expect(await start([], { providers })).toBeDefined()
  })

  it.each([
    ['a field resolver without a decorator', fieldResolver()],
    ['an opened field resolver of a class that requires a token', decorated(OpenFieldResolver, require)],
    ['an opened reference resolver', decorated(referenceResolver(), SkipMaskinporten())],
  ])('under a global guard, the application starts with %s', async (_title, resolver) => {
    expect(await start([], { providers: [graphql(), resolver], isGlobal: true })).toBeDefined()
  })
})

describe('the options of GraphQLModule', () => {
  const only = (module: object) => ({ module: class GraphqlModule {}, providers: [module] })

  it.each<[string, object[]]>([
    ['no GraphQLModule', []],
    ['guards for field resolvers', [graphql(GUARDS)]],
    [
      'guards for field resolvers from a factory',
      [{ provide: 'GqlModuleOptions', useFactory: async () => GUARDS }],
    ],
  ])('the application starts with a guarded field resolver and %s', async (_title, modules) => {
    const imports = modules.map(only)
    expect(await startWith(imports)).toBeDefined()
  })

  it.each<[string, object[]]>([
    ['other enhancers', [graphql({ fieldResolverEnhancers: ['filters', 'interceptors'] })]],
    ['undefined options', [{ provide: 'GqlModuleOptions', useFactory: () => undefined }]],
    ['a second GraphQLModule without guards', [graphql(GUARDS), graphql()]],
  ])('the application does not start with a guarded field resolver and %s', async (_title, modules) => {
    await expectNoStart(startWith(modules.map(only)), NOT_ASKED('pets'))
  })

  const startWith = (imports: object[]) =>
    start([], { imports: [maskinportenModule, ...imports], providers: [PersonResolver] })
})
