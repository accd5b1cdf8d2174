import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import type { INestApplication, Type } from '@nestjs/common'
import { GraphQLModule } from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import type { RawHeaders } from '../../../test/contract/conformance/host.js'
import {
  call,
  maskinportenModule,
  onExpress,
  onFastify,
  ReadController,
  recordErrors,
  start,
} from './vedtak-api.js'

export const apollo = (options: object = {}) =>
  GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    subscriptions: { 'graphql-ws': true },
    ...options,
  })

export const mercurius = (options: object = {}) =>
  GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    autoSchemaFile: true,
    // Without this, a WebSocket accepts only subscriptions.
    subscription: { fullWsTransport: true },
    ...options,
  })

export const DRIVERS = [
  ['Apollo on Express', onExpress, apollo],
  ['Apollo on Fastify', onFastify, apollo],
  ['Mercurius', onFastify, mercurius],
] as const

interface GraphqlOptions {
  readonly providers: readonly Type[]
  /** Default: true. */
  readonly isGlobal?: boolean
  /** Receives the errors that the application logs. */
  readonly errors?: string[]
}

/** Starts an application, with or without a global guard. */
export const startGraphql = (
  adapter: () => object,
  graphql: object,
  { providers, isGlobal = true, errors = [] }: GraphqlOptions,
): Promise<INestApplication> =>
  start([ReadController], {
    adapter,
    // GraphQLModule can be imported before MaskinportenModule.
    imports: [graphql, maskinportenModule],
    providers,
    isGlobal,
    logger: recordErrors(errors),
  })

interface Result {
  readonly data?: object | null
  readonly errors?: readonly { readonly message: string; readonly extensions: object }[]
}

/** Sends an operation over HTTP, with these Authorization headers. `headers` has other headers. */
export async function ask(
  app: INestApplication,
  query: string,
  authorization?: readonly string[],
  headers: RawHeaders = [],
): Promise<Result> {
  const others: RawHeaders = [['Content-Type', 'application/json'], ...headers]
  const options = { body: JSON.stringify({ query }), others }
  return JSON.parse((await call(app, '/graphql', authorization, 'POST', options)).body)
}

/** The `extensions` of the first error. */
export const errorOf = async (result: Promise<Result>) => (await result).errors?.[0]?.extensions
