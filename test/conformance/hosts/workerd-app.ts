import { type Api, createApi } from '../api.js'
import { onFetch } from './fetch.js'
import { onHono } from './hono.js'

/** What the test process tells the worker. */
interface Environment {
  /** `fetch` or `hono`. */
  readonly APP: string
  readonly ISSUER: string
  /** Where the test process answers for Maskinporten. */
  readonly CONTROL: string
}

let app: ((request: Request) => Response | Promise<Response>) | undefined
let handled = 0

/** Every validator's keys come from the test process, under the validator's own path. */
function apiFor({ ISSUER, CONTROL }: Environment): Api {
  const through = (name: string) => (url: string, init?: RequestInit) =>
    fetch(`${CONTROL}/${name}${new URL(url).pathname}`, init)
  return createApi(ISSUER, through('keys'), through('slow'), () => {
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
