import { type Api, createApi } from '../api.js'
import type { Mode } from '../modes.js'
import { onFetch } from './fetch.js'
import { onHono } from './hono.js'

/** The worker's bindings, which the test process sets. */
interface Environment {
  /** The adapter under test: `fetch` or `hono`. */
  readonly APP: string
  readonly ISSUER: string
  readonly MODE: Mode
  /** The URL at which the test process answers in place of Maskinporten and Texas. */
  readonly CONTROL: string
}

let app: ((request: Request) => Response | Promise<Response>) | undefined
let handled = 0

/**
 * The validators send their requests to the test process: the slow validator under `/slow`, the others under
 * `/prompt`.
 */
function apiFor({ ISSUER, MODE, CONTROL }: Environment): Api {
  const through = (name: string) => (url: string, init?: RequestInit) =>
    fetch(`${CONTROL}/${name}${new URL(url).pathname}`, init)
  const origin = { mode: MODE, issuer: ISSUER, fetch: through('prompt'), slowFetch: through('slow') }
  return createApi(origin, () => {
    handled++
  })
}

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    if (new URL(request.url).pathname === '/handled') {
      const count = handled
      handled = 0
      return Response.json(count)
    }
    app ??= env.APP === 'hono' ? onHono(apiFor(env)).fetch : onFetch(apiFor(env))
    return app(request)
  },
}
