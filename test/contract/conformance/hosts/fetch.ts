import { getRequestListener } from '@hono/node-server'
import * as viaFetch from '@portvakt/fetch'
import { type Api, REQUIREMENTS, requirementsByRequest } from '../api.js'
import { type Host, serve, serveHttp2 } from '../host.js'
import type { Untyped } from '../uncalled.js'

export const hosts: readonly Host[] = [
  {
    name: 'fetch',
    start: (api) => serve(getRequestListener(onFetch(api))),
    startHttp2: (api) => serveHttp2(getRequestListener(onFetch(api))),
  },
]

export const uncalled = {
  fetch: uncalledOnFetch,
}

export function onFetch(api: Api): (request: Request) => Promise<Response> {
  const { requireMaskinportenScope: guard } = viaFetch
  const { validator } = api
  const handler: viaFetch.GuardedHandler<Request, []> = (_request, token) => {
    api.handled()
    return Response.json({ consumer: token.consumer.organisationNumber })
  }
  const guarded = new Map<string, (request: Request) => Promise<Response>>()
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    guarded.set(path, guard(requirement, { validator })(handler))
  }
  const write = guard(REQUIREMENTS['/write'], { validator })(handler)
  guarded.set(
    '/write',
    guard(REQUIREMENTS['/read'], { validator })((request) => write(request)),
  )
  const byRequest = requirementsByRequest((request: Request, name) => request.headers.get(name) ?? undefined)
  for (const [path, requirement] of Object.entries(byRequest)) {
    guarded.set(path, guard(requirement, { validator })(handler))
  }
  guarded.set('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline })(handler))
  guarded.set('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow })(handler))
  const read = guard(REQUIREMENTS['/read'], { validator })(handler)
  for (const path of ['/router/read', '/mounted/read']) guarded.set(path, read)

  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/open') return Response.json({ open: true })
    try {
      return (await guarded.get(pathname)?.(request)) ?? new Response('not found', { status: 404 })
    } catch {
      return new Response('failed', { status: 500 })
    }
  }
}

async function uncalledOnFetch(): Promise<string> {
  const GET = viaFetch.requireMaskinportenScope as Untyped
  try {
    return await GET(new Request('https://api.example.no'), { params: {} })
  } catch (error) {
    return String(error)
  }
}
