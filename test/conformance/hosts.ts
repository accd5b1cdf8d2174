import type { Host } from './host.js'
import { expressHosts } from './hosts/express.js'
import { fastifyHosts } from './hosts/fastify.js'
import { fetchHosts } from './hosts/fetch.js'
import { honoHosts } from './hosts/hono.js'
import { koaHosts } from './hosts/koa.js'
import { nestHosts } from './hosts/nestjs.js'

/** Every host that must answer alike. */
export const HOSTS: readonly Host[] = [
  ...expressHosts,
  ...koaHosts,
  ...fastifyHosts,
  ...nestHosts,
  ...honoHosts,
  ...fetchHosts,
]
