import { ApolloDriver } from '@nestjs/apollo'
import type { INestApplication } from '@nestjs/common'
import {
  GraphQLFactory,
  GraphQLModule,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
} from '@nestjs/graphql'
import { MercuriusDriver } from '@nestjs/mercurius'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ask, DRIVERS, firstError, startGraphql } from './graphql-api.js'
import { bearer, expectNoStart, onExpress, onFastify, READ, WRITE } from './vedtak-api.js'

const typeDefs = `
  type Person { id: ID!, name: String!, secret: String!, unmarked: String! }
  type Query { person: Person!, openPerson: Person! }
`

@Resolver('Person')
@RequireMaskinportenScope(READ)
class PersonResolver {
  @Query()
  person() {
    return { id: '1' }
  }

  @ResolveField()
  name() {
    return 'name'
  }

  @ResolveField()
  @RequireMaskinportenScope(WRITE)
  secret() {
    return 'secret'
  }

  @ResolveReference()
  reference({ id }: { readonly id: string }) {
    return { id }
  }
}

@Resolver()
@SkipMaskinporten()
class OpenResolver {
  @Query()
  openPerson() {
    return { id: '2' }
  }
}

@Resolver('Person')
class UnmarkedResolver {
  @ResolveField()
  unmarked() {
    return 'unmarked'
  }
}

const providers = [PersonResolver, OpenResolver, UnmarkedResolver]
const WITHOUT_GUARDS = { autoSchemaFile: false, typeDefs }
const WITH_GUARDS = { ...WITHOUT_GUARDS, fieldResolverEnhancers: ['guards'] }

/** The reference resolver that a federation's driver calls for the query `_entities`. */
function referenceResolverOf(app: INestApplication) {
  const explorer = Reflect.get(app.get(GraphQLFactory, { strict: false }), 'resolversExplorerService')
  const { __resolveReference } = explorer.explore().Person
  return async (authorization: readonly string[]): Promise<unknown> => {
    const rawHeaders = authorization.flatMap((value) => ['Authorization', value])
    const req = {
      method: 'POST',
      on: () => undefined,
      headers: {},
      rawHeaders: ['Host', 'localhost', ...rawHeaders],
    }
    return __resolveReference({ id: '3' }, { req }, {})
  }
}

describe.each(DRIVERS)('GraphQL field resolvers by %s', (_name, adapter, graphql) => {
  let app: INestApplication

  beforeEach(async () => {
    app = await startGraphql(adapter, graphql(WITH_GUARDS), { providers })
  })

  it('a field resolver is checked against its own requirement', async () => {
    const query = '{ person { name secret } }'
    expect(firstError(await ask(app, query, await bearer()))).toMatchObject({ code: 'insufficient_scope' })
    const both = await bearer({ scope: `${READ} ${WRITE}` })
    expect((await ask(app, query, both)).data).toEqual({ person: { name: 'name', secret: 'secret' } })
  })

  it('the requirement of a class guards its field resolvers if an open query returns the object', async () => {
    expect((await ask(app, '{ openPerson { id } }')).data).toEqual({ openPerson: { id: '2' } })
    expect(firstError(await ask(app, '{ openPerson { name } }'))).toMatchObject({ code: 'missing_token' })
  })

  it('a global guard refuses a field resolver without a decorator', async () => {
    const refused = await ask(app, '{ openPerson { unmarked } }', await bearer())
    expect(firstError(refused)).toMatchObject({ status: 403, reason: 'no_guard' })
  })

  it('the requirement of a class guards its reference resolver', async () => {
    const resolve = referenceResolverOf(app)
    await expect(resolve([])).rejects.toThrow('no_credentials')
    expect(await resolve(await bearer())).toEqual({ id: '3' })
  })
})

const apolloAsync = (options: object) =>
  GraphQLModule.forRootAsync({ driver: ApolloDriver, useFactory: async () => options })
const mercuriusAsync = (options: object) =>
  GraphQLModule.forRootAsync({ driver: MercuriusDriver, useFactory: async () => options })

it.each([
  ...DRIVERS,
  ['Apollo on Express, with forRootAsync', onExpress, apolloAsync],
  ['Mercurius, with forRootAsync', onFastify, mercuriusAsync],
] as const)(
  'the application starts only with guards for guarded field resolvers (%s)',
  async (_name, adapter, graphql) => {
    const message = /^NestJS would call PersonResolver\.name without asking the guard/
    await expectNoStart(startGraphql(adapter, graphql(WITHOUT_GUARDS), { providers }), message)
    const guards = graphql(WITH_GUARDS)
    expect(await startGraphql(adapter, guards, { providers })).toBeDefined()
  },
)
