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
import { describe, expect, it } from 'vitest'
import { ask, DRIVERS, errorOf, startGraphql } from './graphql-api.js'
import {
  bearer,
  expectNoStart,
  onExpress,
  onFastify,
  READ,
  requireRead,
  requireWrite,
  skip,
  WRITE,
} from './vedtak-api.js'

const typeDefs = `
  type Person { id: ID!, name: String!, secret: String!, unmarked: String! }
  type Query { person: Person!, openPerson: Person! }
`

@Resolver('Person')
@requireRead
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
  @requireWrite
  secret() {
    return 'secret'
  }

  @ResolveReference()
  reference({ id }: { readonly id: string }) {
    return { id }
  }
}

@Resolver('Person')
class OpenResolver {
  @Query()
  @skip
  openPerson() {
    return { id: '2' }
  }

  @ResolveField()
  unmarked() {
    return 'unmarked'
  }
}

const providers = [PersonResolver, OpenResolver]
const WITHOUT_GUARDS = { autoSchemaFile: false, typeDefs }
const WITH_GUARDS = { ...WITHOUT_GUARDS, fieldResolverEnhancers: ['guards'] }

/** Calls the reference resolver as a federation's driver calls it for the query `_entities`. */
async function resolveReference(app: INestApplication, authorization: readonly string[]): Promise<unknown> {
  const explorer = Reflect.get(app.get(GraphQLFactory, { strict: false }), 'resolversExplorerService')
  const rawHeaders = ['Host', 'localhost', ...authorization.flatMap((value) => ['Authorization', value])]
  const req = { method: 'POST', on: () => undefined, headers: {}, rawHeaders }
  return explorer.explore().Person.__resolveReference({ id: '3' }, { req }, {})
}

describe.each(DRIVERS)('GraphQL field resolvers by %s', (driver, adapter, graphql) => {
  it(`the requirements of a class and of its methods guard field resolvers and reference resolvers (${driver})`, async () => {
    const app = await startGraphql(adapter, graphql(WITH_GUARDS), { providers })
    const query = '{ person { name secret } }'
    expect(await errorOf(ask(app, query, await bearer()))).toMatchObject({ code: 'insufficient_scope' })
    const both = await bearer({ scope: `${READ} ${WRITE}` })
    expect((await ask(app, query, both)).data).toEqual({ person: { name: 'name', secret: 'secret' } })
    await expect(resolveReference(app, [])).rejects.toThrow('no_credentials')
    expect(await resolveReference(app, await bearer())).toEqual({ id: '3' })
  })

  it(`an open query opens its object, but not the field resolvers of the object (${driver})`, async () => {
    const app = await startGraphql(adapter, graphql(WITH_GUARDS), { providers })
    expect((await ask(app, '{ openPerson { id } }')).data).toEqual({ openPerson: { id: '2' } })
    const named = ask(app, '{ openPerson { name } }')
    expect(await errorOf(named)).toMatchObject({ code: 'missing_token' })
    // The global guard refuses a field resolver without a decorator.
    const unmarked = ask(app, '{ openPerson { unmarked } }', await bearer())
    expect(await errorOf(unmarked)).toMatchObject({ status: 403, reason: 'no_guard' })
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
    await startGraphql(adapter, graphql(WITH_GUARDS), { providers })
  },
)
