import { Hono } from 'hono'
import type { MockMaskinporten } from '../mock-maskinporten.js'
import { CONTROL_PATH } from './control-path.js'
import { controlRoutes } from './control-routes.js'

/** What a served mock answers beside Maskinporten's own endpoints. */
export function createControl(mock: MockMaskinporten): Hono {
  return new Hono().route(CONTROL_PATH, controlRoutes(mock))
}
