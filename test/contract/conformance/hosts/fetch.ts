import { getRequestListener } from '@hono/node-server'
import * as viaFetch from '@portvakt/fetch'
import { type Api, guardedRoutes, READ, REQUIREMENTS } from '../api.js'
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
  const header = (request: Request, name: string) => request.headers.get(name) ?? undefined
  const handler: viaFetch.GuardedHandler<Request, []> = (_request, token) => {
    api.handled()
    return Response.json({ consumer: token.consumer.organisationNumber })
  }
  const guarded = new Map<string, (request: Request) => Promise<Response>>()
  for (const { path, requirement, validator } of guardedRoutes(api, header)) {
    guarded.set(path, guard(requirement, { validator })(handler))
  }
  const read = guard(READ, { validator: api.validator })
  const write = guard(REQUIREMENTS['/write'], { validator: api.validator })(handler)
  guarded.set(
    '/write',
    read((request) => write(request)),
  )
  for (const path of ['/router/read', '/mounted/read']) guarded.set(path, read(handler))

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
