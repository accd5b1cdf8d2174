import type { Host } from './host.js'
import { expressHosts } from './hosts/express.js'
import { fastifyHosts } from './hosts/fastify.js'
import { fetchHosts } from './hosts/fetch.js'
import { honoHosts } from './hosts/hono.js'
import { koaHosts } from './hosts/koa.js'
import { nestHosts } from './hosts/nestjs.js'
import { workerdHosts } from './hosts/workerd.js'

/** The path of a workerd binary to test instead of the hosts in this process. */
const workerd = process.env['PORTVAKT_WORKERD']

/** The hosts that must answer in the same way. */
export const HOSTS: readonly Host[] = workerd
  ? workerdHosts(workerd)
  : [...expressHosts, ...koaHosts, ...fastifyHosts, ...nestHosts, ...honoHosts, ...fetchHosts]
