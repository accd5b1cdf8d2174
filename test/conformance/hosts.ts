import type { Host } from './host.js'
import { expressHosts } from './hosts/express.js'
import { fastifyHosts } from './hosts/fastify.js'
import { fetchHosts } from './hosts/fetch.js'
import { honoHosts } from './hosts/hono.js'
import { koaHosts } from './hosts/koa.js'
import { nestHosts } from './hosts/nestjs.js'
import { workerdHosts } from './hosts/workerd.js'

/** Where the workerd to be tested is, instead of this process's own hosts. */
const workerd = process.env['PORTVAKT_WORKERD']

/** Every host that must answer alike. */
export const HOSTS: readonly Host[] = workerd
  ? workerdHosts(workerd)
  : [...expressHosts, ...koaHosts, ...fastifyHosts, ...nestHosts, ...honoHosts, ...fetchHosts]
