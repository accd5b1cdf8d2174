/** False on Bun and Deno, whose error codes, timers and use of proxies differ. */
export const isNode = !('bun' in process.versions || 'deno' in process.versions)
