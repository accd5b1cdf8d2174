import { type Provider, Scope, SetMetadata, type Type, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { MaskinportenGuard } from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import { decorated, expectNoStart, maskinportenModule, requireRead, skip, start } from './vedtak-api.js'

/** The metadata that the decorators of `@nestjs/graphql` write. */
const Query = () => SetMetadata('graphql:resolver_type', 'Query')
const ResolveField = () => SetMetadata('graphql:resolve_property', true)
const ResolveReference = () => SetMetadata('graphql:resolve_reference', true)

/** The provider of the options of `GraphQLModule.forRoot`. */
const graphql = (options?: object) => ({ provide: 'GqlModuleOptions', useFactory: async () => options })
const GUARDS = { fieldResolverEnhancers: ['guards'] }

/** A new class with a field resolver that has these decorators. */
const fieldResolver = (...decorators: MethodDecorator[]): Type => {
  class PersonResolver {
    @Query()
    person() {}

    @ResolveField()
    pets() {}
  }
  const pets = Object.getOwnPropertyDescriptor(PersonResolver.prototype, 'pets') as PropertyDescriptor
  for (const decorate of decorators) decorate(PersonResolver.prototype, 'pets', pets)
  return PersonResolver
}
const referenceResolver = () => {
  class PersonResolver {
    @ResolveReference()
    reference() {}
  }
  return PersonResolver
}
const inheriting = () => {
  const Base = decorated(fieldResolver(), requireRead)
  return { PersonResolver: class extends Base {} }.PersonResolver
}

const notAsked = (method: string) =>
  new Error(
    `NestJS would call PersonResolver.${method} without asking the guard, because the method is a GraphQL field ` +
      "resolver or reference resolver. Set `fieldResolverEnhancers: ['guards']` in GraphQLModule.forRoot",
  )

it.each([
  ['a field resolver that requires a token', fieldResolver(requireRead), 'pets'],
  ['a field resolver of a class that requires a token', decorated(fieldResolver(), requireRead), 'pets'],
  ['a field resolver that inherits the requirement of a class', inheriting(), 'pets'],
  [
    'a field resolver of a class with @UseGuards(MaskinportenGuard)',
    decorated(fieldResolver(), UseGuards(MaskinportenGuard)),
    'pets',
  ],
  [
    'a reference resolver of a class that requires a token',
    decorated(referenceResolver(), requireRead),
    'reference',
  ],
])(
  'without `fieldResolverEnhancers`, the application does not start with %s',
  async (_title, resolver, method) => {
    await expectNoStart(start([], { providers: [graphql({}), resolver] }), notAsked(method))
  },
)

it('under a global guard, the application does not start with a reference resolver without a decorator', async () => {
  const providers = [graphql({}), referenceResolver()]
  await expectNoStart(start([], { providers, isGlobal: true }), notAsked('reference'))
  await start([], { providers })
})

class OwnGuard extends MaskinportenGuard {}
class OtherGuard {
  canActivate = () => true
}
it.each<[string, starts: boolean, object]>([
  ['the guard', false, { useClass: MaskinportenGuard }],
  ['a subclass of the guard', false, { useClass: OwnGuard }],
  ['a factory of the guard', false, { inject: [MaskinportenGuard], useFactory: (one: unknown) => one }],
  ['another guard', true, { useClass: OtherGuard }],
  ['a factory of another guard', true, { inject: [], useFactory: () => new OtherGuard() }],
])(
  'with an undecorated reference resolver, and %s as a request-scoped global guard, it is %s that the application starts',
  async (_title, starts, provider) => {
    const guard = { provide: APP_GUARD, scope: Scope.REQUEST, ...provider } as Provider
    const starting = start([], { providers: [graphql({}), referenceResolver(), guard] })
    if (starts) expect(await starting).toBeDefined()
    else await expectNoStart(starting, notAsked('reference'))
  },
)

it.each([
  ['a field resolver without a decorator', fieldResolver()],
  ['an opened field resolver of a class that requires a token', decorated(fieldResolver(skip), requireRead)],
  ['an opened reference resolver', decorated(referenceResolver(), skip)],
])('under a global guard, the application starts with %s', async (_title, resolver) => {
  await start([], { providers: [graphql({}), resolver], isGlobal: true })
})

it.each<[string, starts: boolean, Provider[]]>([
  ['no GraphQLModule', true, []],
  ['guards for field resolvers', true, [graphql(GUARDS)]],
  ['other enhancers', false, [graphql({ fieldResolverEnhancers: ['filters', 'interceptors'] })]],
  ['undefined options', false, [graphql()]],
  ['a second GraphQLModule without guards', false, [graphql(GUARDS), graphql({})]],
])(
  'with a guarded field resolver and %s, it is %s that the application starts',
  async (_title, starts, modules) => {
    const imports = modules.map((provider) => ({ module: class GraphqlModule {}, providers: [provider] }))
    const providers = [fieldResolver(requireRead)]
    const starting = start([], { imports: [maskinportenModule, ...imports], providers })
    if (starts) expect(await starting).toBeDefined()
    else await expectNoStart(starting, notAsked('pets'))
  },
)
