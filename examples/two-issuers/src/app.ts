import type { MaskinportenValidator } from '@portvakt/core'
import { authorizationValues, prepareRequirement } from '@portvakt/core/adapter'
import express, { type Express, type RequestHandler } from 'express'
import { type Caller, decideOnEither } from './either.js'
import type { InternalValidator } from './internal-validator.js'

/**
 * An API with one route for two kinds of callers: other organisations, with tokens from Maskinporten, and
 * internal applications, with tokens from the internal issuer.
 */
export function createApp(maskinporten: MaskinportenValidator, internal: InternalValidator): Express {
  // Prepare the requirement once, so that an invalid requirement makes the start fail.
  const requirement = prepareRequirement('portvakt:vedtak.read')
  const guard: RequestHandler = (request, response, next) => {
    const authorization = authorizationValues(request)
    decideOnEither(authorization, maskinporten, requirement, internal).then((outcome) => {
      if (outcome.allowed) {
        response.locals['caller'] = outcome.caller
        next()
        return
      }
      const { status, headers, body } = outcome.denial
      response.writeHead(status, headers).end(body)
    }, next)
  }

  return express().get('/vedtak', guard, (_request, response) => {
    const caller: Caller = response.locals['caller']
    response.json(
      caller.kind === 'internal'
        ? { application: caller.application }
        : { consumer: caller.token.consumer.organisationNumber },
    )
  })
}
