import { ADAPTERS } from '../adapters.mjs'
import type { BegunHost } from './begun/stages.js'
import type { Host } from './host.js'
import { workerdHosts } from './hosts/workerd.js'

/** What `hosts/<adapter>.ts` exports. */
interface AdapterHosts {
  readonly hosts: readonly Host[]
  /** For a framework on Node whose guard runs after other middleware. */
  readonly begunHosts?: readonly BegunHost[]
  /** By host: serves `requireMaskinportenScope` itself as a guard, and returns the error that results. */
  readonly uncalled?: Readonly<Record<string, () => Promise<string>>>
}

/** The path of a workerd binary to test instead of the hosts in this process. */
const workerd = process.env['PORTVAKT_WORKERD']

const ofAdapters = await Promise.all(
  ADAPTERS.map(async ({ name }): Promise<AdapterHosts> => import(`./hosts/${name}.ts`)),
)

/** The hosts that must answer in the same way. */
export const HOSTS = workerd ? workerdHosts(workerd) : ofAdapters.flatMap(({ hosts }) => hosts)

export const BEGUN_HOSTS = ofAdapters.flatMap(({ begunHosts = [] }) => begunHosts)

export const UNCALLED = ofAdapters.flatMap(({ uncalled = {} }) => Object.entries(uncalled))
