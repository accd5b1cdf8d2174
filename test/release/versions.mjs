// @ts-check
/** The versions that the suites of this folder run, by the package that npm installs. */

/** Newer versions of Node than the oldest supported one, which runs everything else. */
export const NODES = ['22.23.3', '24.21.0', '26.10.0']

export const BUN = '1.4.5'
export const DENO = '2.9.6'
export const WORKERD = '1.20261117.1'

export const OLDEST_TYPESCRIPT = '5.9'
export const NEWEST_TYPESCRIPT = '7'
