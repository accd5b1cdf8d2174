import type { Clock } from '@portvakt/core'
import { Hono } from 'hono'
import type { MockMaskinporten } from '../mock-interface.js'
import { CONTROL_PATH } from './control-path.js'
import { controlRoutes } from './control-routes.js'
import { pageRoutes } from './page-routes.js'

/** What a served mock answers beside Maskinporten's own endpoints: for people at `/`, for commands below it. */
export function createControl(mock: MockMaskinporten, clock: Clock): Hono {
  return new Hono().route('/', pageRoutes(mock, clock)).route(CONTROL_PATH, controlRoutes(mock))
}
