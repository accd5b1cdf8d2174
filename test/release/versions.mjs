// @ts-check
/** The versions of the runtimes on which the suites of this folder run, as versions of npm packages. */

/** The newer versions of Node on which these suites run. Other tests run on the oldest supported version. */
export const NODES = ['22.23.3', '24.21.0', '26.10.0']

export const BUN = '1.4.5'
export const DENO = '2.9.6'
export const WORKERD = '1.20261117.1'

export const OLDEST_TYPESCRIPT = '5.9'
export const NEWEST_TYPESCRIPT = '7'
