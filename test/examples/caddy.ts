import { spawnSync } from 'node:child_process'
import type { Running } from '../contract/conformance/host.js'
import { startProxy } from './proxy.js'

/** Debian's Caddy; undefined if this machine has none. Continuous integration requires one. */
export const CADDY = ['/usr/bin/caddy'].find((path) => spawnSync(path, ['version']).status === 0)
if (CADDY === undefined && process.env['PORTVAKT_REQUIRE_CADDY']) throw new Error('Caddy is not installed')

/** Keeps Caddy off other addresses and off its administration port. */
const GLOBAL = '{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n'

/** Starts Caddy with the example's Caddyfile. `timeout` replaces the time to wait for the auth server. */
export function startCaddy(authPort: number, servicePort: number, timeout = '5s'): Promise<Running> {
  return startProxy({
    file: 'Caddyfile',
    authPort,
    servicePort,
    change: (text) =>
      GLOBAL + text.replace('response_header_timeout 5s', `response_header_timeout ${timeout}`),
    program: CADDY,
    parameters: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'],
  })
}
