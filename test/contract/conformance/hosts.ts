import { ADAPTERS } from '../../adapters.mjs'
import type { BegunHost } from './begun/stages.js'
import type { Host } from './host.js'
import { workerdHosts } from './hosts/workerd.js'

/** The exports of `hosts/<adapter>.ts`. */
interface AdapterHosts {
  readonly hosts: readonly Host[]
  /** Present for a framework on Node that can run middleware before the guard. */
  readonly begunHosts?: readonly BegunHost[]
  /**
   * For each framework, a function that uses `requireMaskinportenScope` as a guard without calling it, and
   * returns the resulting error.
   */
  readonly uncalled?: Readonly<Record<string, () => Promise<string>>>
}

/** The path of a workerd binary to test instead of the hosts in this process. */
const workerd = process.env['PORTVAKT_WORKERD']

const ofAdapters = await Promise.all(
  ADAPTERS.map(async ({ name }): Promise<AdapterHosts> => import(`./hosts/${name}.ts`)),
)

/** The hosts, which must all answer in the same way. */
export const HOSTS = workerd ? workerdHosts(workerd) : ofAdapters.flatMap(({ hosts }) => hosts)

export const BEGUN_HOSTS = ofAdapters.flatMap(({ begunHosts = [] }) => begunHosts)

export const UNCALLED = ofAdapters.flatMap(({ uncalled = {} }) => Object.entries(uncalled))
