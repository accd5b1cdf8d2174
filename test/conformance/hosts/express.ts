import * as viaExpress from '@portvakt/express'
import express, { type Express } from 'express'
import express4 from 'express4'
import { type Api, REQUIREMENTS, requirementsByRequest } from '../api.js'
import { type Host, serve } from '../host.js'

export const expressHosts: readonly Host[] = [
  { name: 'Express 5', start: (api) => serve(onExpress(express, api)) },
  { name: 'Express 4', start: (api) => serve(onExpress(express4, api)) },
]

function onExpress(create: typeof express, api: Api): Express {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaExpress
  const { validator } = api
  const app = create()
  const handler: express.RequestHandler = (request, response) => {
    api.handled()
    response.json({ consumer: tokenOf(request).consumer.organisationNumber })
  }
  app.get('/open', (_request, response) => void response.json({ open: true }))
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    const before = path === '/write' ? [guard(REQUIREMENTS['/read'], { validator })] : []
    app.all(path, ...before, guard(requirement, { validator }), handler)
  }
  const byRequest = requirementsByRequest((request: express.Request, name) => request.get(name))
  for (const [path, requirement] of Object.entries(byRequest)) {
    app.all(path, guard(requirement, { validator }), handler)
  }
  app.all('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  app.all('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)

  const sub = create.Router().use(guard(REQUIREMENTS['/read'], { validator })).all('/read', handler)
  app.use('/router', sub)
  const mounted = create()
  mounted.use(guard(REQUIREMENTS['/read'], { validator }))
  mounted.all('/read', handler)
  app.use('/mounted', mounted)
  return app
}
