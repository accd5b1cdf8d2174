/**
 * What must not compile. Nothing here runs: `check` compiles it, and an `@ts-expect-error` without an error
 * is an error itself.
 */
import { createMaskinportenValidator, type MaskinportenValidator, type VerifiedToken } from '@portvakt/core'
import * as express from '@portvakt/express'
import * as fetchAdapter from '@portvakt/fetch'
import * as hono from '@portvakt/hono'
import * as koa from '@portvakt/koa'

declare const validator: MaskinportenValidator
declare const token: VerifiedToken

export function requirements(): void {
  express.requireMaskinportenScope('nav:a')
  express.requireMaskinportenScope(
    { scope: { allOf: ['nav:a', { anyOf: ['nav:b', 'nav:c'] }] } },
    { validator },
  )
  express.requireMaskinportenScope((request) => `nav:${request.method}`)
  express.requireMaskinportenScope({
    scope: 'nav:a',
    authorize: async (verified, request) => verified.scopes.includes(request.path),
  })
  express.requireMaskinportenScope({
    scope: 'nav:a',
    delegation: { suppliers: ['810969342'], sources: ['https://www.altinn.no/'] },
    systemUser: 'required',
    consent: { resources: ['inntekt'] },
    pid: (request) => request.get('x-pid'),
  })
  koa.requireMaskinportenScope((context) => ({ scope: `nav:${context.path}` }))
  hono.requireMaskinportenScope({
    scope: 'nav:a',
    authorize: (_verified, context) => context.req.method === 'GET',
  })

  // @ts-expect-error a requirement is not left out
  express.requireMaskinportenScope()
  // @ts-expect-error a list is neither all nor any
  express.requireMaskinportenScope(['nav:a'])
  // @ts-expect-error a rule names a scope
  express.requireMaskinportenScope({ consumers: ['889640782'] })
  // @ts-expect-error a misspelt member is no restriction
  express.requireMaskinportenScope({ scope: 'nav:a', consumer: ['889640782'] })
  // @ts-expect-error consumers are a list
  express.requireMaskinportenScope({ scope: 'nav:a', consumers: '889640782' })
  // @ts-expect-error organisation numbers are strings: some begin with a zero
  express.requireMaskinportenScope({ scope: 'nav:a', consumers: [889640782] })
  // @ts-expect-error a scope is all or any, and not both
  express.requireMaskinportenScope({ scope: { allOf: ['nav:a'], anyOf: 7 } })
  // @ts-expect-error delegation is one of these words, or names whose
  express.requireMaskinportenScope({ scope: 'nav:a', delegation: 'never' })
  // @ts-expect-error a person is named by a string, at once
  express.requireMaskinportenScope({ scope: 'nav:a', pid: async () => '01010199999' })
  // @ts-expect-error an own rule says true or false
  express.requireMaskinportenScope({ scope: 'nav:a', authorize: () => 'yes' })
  // @ts-expect-error a function gives a requirement
  koa.requireMaskinportenScope(() => 7)
  // @ts-expect-error the function is given this framework's request
  hono.requireMaskinportenScope((context) => `nav:${context.originalUrl}`)
  // @ts-expect-error there is no such option
  express.requireMaskinportenScope('nav:a', { audience: 'https://a.no' })
}

export function tokens(): void {
  const digits: string | undefined = token.consumer.organisationNumber
  // @ts-expect-error not every organisation has a Norwegian number
  const always: string = token.consumer.organisationNumber
  // @ts-expect-error a token is read-only
  token.scopes.push('nav:b')
  // @ts-expect-error a token is read-only
  token.issuer = 'https://evil.example/'
  // @ts-expect-error the raw token is not there
  void token.raw
  // @ts-expect-error a claim is of any type until it is checked
  const claim: string = token.claims['sub']
  void [digits, always, claim]
}

export function handlers(): void {
  const guard = fetchAdapter.requireMaskinportenScope('nav:a')
  guard((_request, verified) => new Response(verified.consumer.id))
  const withParams: (request: Request, context: { params: { id: string } }) => Promise<Response> = guard(
    (_request, _verified, context: { params: { id: string } }) => new Response(context.params.id),
  )
  void withParams
  // @ts-expect-error a handler answers
  guard(() => undefined)
}

export function options(): void {
  createMaskinportenValidator({ environment: 'prod', audience: ['https://a.no'] })
  // @ts-expect-error another environment is an issuer
  createMaskinportenValidator({ environment: 'ver2' })
  // @ts-expect-error an algorithm that Maskinporten does not have
  createMaskinportenValidator({ algorithms: ['HS256'] })
  // @ts-expect-error a misspelt option
  createMaskinportenValidator({ audiance: 'https://a.no' })
  // @ts-expect-error a variable may be missing
  createMaskinportenValidator({ issuer: 'https://x.no/', audience: process.env['AUDIENCE'] })
}

/** A copy of a token has none of the members that may hold personal data, and the compiler says so. */
export function copies(): void {
  const copy = { ...token }
  const { pid, authorizationDetails, consents, claims } = token
  const [consent] = token.consents
  void [
    copy.consumer,
    copy.scopes,
    copy.systemUsers,
    pid,
    authorizationDetails,
    consents,
    claims,
    consent?.from,
  ]
  // @ts-expect-error an accessor is not copied
  void copy.pid
  // @ts-expect-error an accessor is not copied
  void copy.authorizationDetails
  // @ts-expect-error an accessor is not copied
  void copy.consents
  // @ts-expect-error an accessor is not copied
  void copy.claims
  // @ts-expect-error an accessor is not copied
  if (consent) void { ...consent }.from
  const { consumer, ...rest } = token
  // @ts-expect-error nor is it in the rest
  void [consumer, rest.claims]
}
