/** False on Bun and Deno, which have other error codes, timers and proxies. */
export const isNode = !('bun' in process.versions || 'deno' in process.versions)
