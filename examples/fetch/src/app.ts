import { type GuardedHandler, requireMaskinportenScope } from '@portvakt/fetch'

/** A plain fetch handler for Bun, Deno and Workers. In Next.js, export a handler for each method instead. */
export function createApp(): (request: Request) => Promise<Response> {
  const whoCalled: GuardedHandler<Request, []> = (_request, token) =>
    Response.json({ consumer: token.consumer.organisationNumber })
  const GET = requireMaskinportenScope('portvakt:vedtak.read')(whoCalled)
  const POST = requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] })(
    whoCalled,
  )

  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/health') return Response.json({ ok: true })
    if (pathname !== '/vedtak') return new Response(null, { status: 404 })
    return request.method === 'POST' ? POST(request) : GET(request)
  }
}
