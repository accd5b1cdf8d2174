import { spawnSync } from 'node:child_process'
import { type StartProxy, startProxy } from './proxy.js'

/** Debian's nginx; undefined if this machine has none. Continuous integration requires one. */
export const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(
  (path) => spawnSync(path, ['-v']).status === 0,
)
if (NGINX === undefined && process.env['PORTVAKT_REQUIRE_NGINX']) throw new Error('nginx is not installed')

/** Starts nginx with the example's nginx.conf. */
export const startNginx: StartProxy = (authPort, servicePort) =>
  startProxy({
    file: 'nginx.conf',
    authPort,
    servicePort,
    program: NGINX,
    parameters: ['-p', '.', '-c', 'nginx.conf'],
  })
