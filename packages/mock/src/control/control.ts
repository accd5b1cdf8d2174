import { isIP } from 'node:net'
import type { Clock } from '@portvakt/core'
import { Hono, type HonoRequest } from 'hono'
import type { MockMaskinporten } from '../mock-interface.js'
import { CONTROL_PATH } from './control-path.js'
import { controlRoutes } from './control-routes.js'
import { pageRoutes } from './page-routes.js'

/** What a served mock answers beside Maskinporten's own endpoints: for people at `/`, for commands below it. */
export function createControl(mock: MockMaskinporten, clock: Clock): Hono {
  const issuer = new URL(mock.issuer).hostname
  return new Hono()
    .use(async ({ req, text }, next) => {
      const { hostname, host } = new URL(req.url)
      if (hostname !== issuer && !isOwnName(hostname)) return text('by another name', 403)
      return req.method !== 'GET' && isForeign(req, host) ? text('from another site', 403) : next()
    })
    .route('/', pageRoutes(mock, clock))
    .route(CONTROL_PATH, controlRoutes(mock))
}

/**
 * A page on the web may have a name of its own lead to this machine (DNS rebinding), and then read what we answer.
 * It cannot do that with an address, and not with names that nobody can register.
 */
function isOwnName(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) > 0 || /^[^.]+$|\.(localhost|internal)$/.test(hostname)
}

/** A page of another origin, open in the developer's browser, is not to have tokens and keys made. */
function isForeign(request: HonoRequest, host: string): boolean {
  const [site, origin] = [request.header('sec-fetch-site'), request.header('origin')]
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  // Browsers say the first only to addresses that they trust, such as loopback.
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)
}
