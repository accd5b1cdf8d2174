import { type GuardOptions, requireMaskinportenScope } from '@portvakt/express'
import express, { type Express, type Request } from 'express'
import type { Pdp } from './pdp.js'

type OfOrganisation = Request<{ organisationNumber: string }>

/** An API for the systems of accountants and other vendors. Altinn decides about each call. */
export function createApp(pdp: Pdp, options: GuardOptions = {}): Express {
  const guard = requireMaskinportenScope<OfOrganisation>(
    {
      scope: 'portvakt:regnskap.read',
      systemUser: 'required',
      // The organisation comes from the request, because an agent's token names only the agent.
      authorize: ({ systemUsers }, { params: { organisationNumber } }) =>
        pdp.permits({ systemUsers, action: 'read', organisationNumber }),
    },
    options,
  )
  return express().get('/regnskap/:organisationNumber', guard, (request, response) => {
    response.json({ regnskapOf: request.params.organisationNumber })
  })
}
