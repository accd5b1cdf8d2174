/**
 * Code that must not compile. `pnpm check` compiles this file, and fails if an `@ts-expect-error` has no
 * error.
 */
import { createMaskinportenValidator, type MaskinportenValidator, type VerifiedToken } from '@portvakt/core'
import * as express from '@portvakt/express'
import * as fetchAdapter from '@portvakt/fetch'
import * as hono from '@portvakt/hono'
import * as koa from '@portvakt/koa'

declare const validator: MaskinportenValidator
declare const token: VerifiedToken

export function requirements(): void {
  express.requireMaskinportenScope(
    { scope: { allOf: ['nav:a', { anyOf: ['nav:b', 'nav:c'] }] } },
    { validator },
  )
  express.requireMaskinportenScope({
    scope: 'nav:a',
    authorize: async (verified, request) => verified.scopes.includes(request.path),
    delegation: { suppliers: ['810969342'], sources: ['https://www.altinn.no/'] },
    systemUser: 'required',
    consent: { resources: ['inntekt'] },
    pid: (request) => request.get('x-pid'),
  })
  koa.requireMaskinportenScope((context) => ({ scope: `nav:${context.path}` }))

  // @ts-expect-error a requirement is missing
  express.requireMaskinportenScope()
  // @ts-expect-error a list of scopes must be given as allOf or anyOf
  express.requireMaskinportenScope(['nav:a'])
  // @ts-expect-error a rule lacks its scope
  express.requireMaskinportenScope({ consumers: ['889640782'] })
  // @ts-expect-error an unknown member
  express.requireMaskinportenScope({ scope: 'nav:a', consumer: ['889640782'] })
  // @ts-expect-error consumers must be a list
  express.requireMaskinportenScope({ scope: 'nav:a', consumers: '889640782' })
  // @ts-expect-error allOf and anyOf together
  express.requireMaskinportenScope({ scope: { allOf: ['nav:a'], anyOf: 7 } })
  // @ts-expect-error an unknown value of delegation
  express.requireMaskinportenScope({ scope: 'nav:a', delegation: 'never' })
  // @ts-expect-error pid must be synchronous
  express.requireMaskinportenScope({ scope: 'nav:a', pid: async () => '01010199999' })
  // @ts-expect-error authorize must return a boolean
  express.requireMaskinportenScope({ scope: 'nav:a', authorize: () => 'yes' })
  // @ts-expect-error a function must return a requirement
  koa.requireMaskinportenScope(() => 7)
  // @ts-expect-error a member of another framework's request
  hono.requireMaskinportenScope((context) => `nav:${context.originalUrl}`)
  // @ts-expect-error an unknown option
  express.requireMaskinportenScope('nav:a', { audience: 'https://a.no' })
}

export function tokens(): void {
  const digits: string | undefined = token.consumer.organisationNumber
  // @ts-expect-error the organisation number can be undefined
  const always: string = token.consumer.organisationNumber
  // @ts-expect-error a token is read-only
  token.scopes.push('nav:b')
  // @ts-expect-error a token is read-only
  token.issuer = 'https://evil.example/'
  // @ts-expect-error the token has no raw form
  void token.raw
  // @ts-expect-error a claim is unknown until it is checked
  const claim: string = token.claims['sub']
  void [digits, always, claim]
}

export function handlers(): void {
  const guard = fetchAdapter.requireMaskinportenScope('nav:a')
  guard((_request, verified) => new Response(verified.consumer.id))
  // @ts-expect-error a handler must return a response
  guard(() => undefined)
}

export function options(): void {
  createMaskinportenValidator({ environment: 'prod', audience: ['https://a.no'] })
  // @ts-expect-error an unknown environment
  createMaskinportenValidator({ environment: 'ver2' })
  // @ts-expect-error an unsupported algorithm
  createMaskinportenValidator({ algorithms: ['HS256'] })
  // @ts-expect-error an unknown option name
  createMaskinportenValidator({ audiance: 'https://a.no' })
  // @ts-expect-error an environment variable can be undefined
  createMaskinportenValidator({ issuer: 'https://x.no/', audience: process.env['AUDIENCE'] })
}

/** The type of a copied token lacks the members with personal data, as the copy itself does. */
export function copies(): void {
  const copy = { ...token }
  const [consent] = token.consents
  void [copy.consumer, copy.scopes, copy.systemUsers, consent?.from]
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
}
