import type { Clock } from '@portvakt/core'
import { Hono } from 'hono'
import type { MockMaskinporten } from '../mock-interface.js'
import { CONTROL_PATH } from './control-path.js'
import { controlRoutes } from './control-routes.js'
import { pageRoutes } from './page-routes.js'

/** What a served mock answers beside Maskinporten's own endpoints: for people at `/`, for commands below it. */
export function createControl(mock: MockMaskinporten, clock: Clock): Hono {
  return new Hono()
    .use(async (context, next) => {
      // A page of another origin, open in the developer's browser, is not to have tokens and keys made.
      const site = context.req.header('sec-fetch-site')
      const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none'
      return isForeign && context.req.method !== 'GET' ? context.text('from another site', 403) : next()
    })
    .route('/', pageRoutes(mock, clock))
    .route(CONTROL_PATH, controlRoutes(mock))
}
