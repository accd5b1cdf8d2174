import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from '../contract/conformance/host.js'
import { freePort } from '../release/packaging/serving.mjs'

/** Debian's nginx; undefined if this machine has none. Continuous integration requires one. */
export const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(
  (path) => spawnSync(path, ['-v']).status === 0,
)
if (NGINX === undefined && process.env['PORTVAKT_REQUIRE_NGINX']) throw new Error('nginx is not installed')

/** Debian's Caddy; undefined if this machine has none. Continuous integration requires one. */
export const CADDY = ['/usr/bin/caddy'].find((path) => spawnSync(path, ['version']).status === 0)
if (CADDY === undefined && process.env['PORTVAKT_REQUIRE_CADDY']) throw new Error('Caddy is not installed')

/** Starts a proxy in front of an auth server and a service on these ports. */
export type StartProxy = (authPort: number, servicePort: number) => Promise<Running>

interface Options {
  readonly program: string | undefined
  readonly parameters: readonly string[]
  /** The proxy's configuration in `examples/forward-auth`. Its ports are replaced. */
  readonly file: string
  /** Changes more of the configuration. */
  readonly change?: (configuration: string) => string
}

/** Starts nginx with the example's nginx.conf. */
export const startNginx: StartProxy = (authPort, servicePort) =>
  startProxy(
    { program: NGINX, parameters: ['-p', '.', '-c', 'nginx.conf'], file: 'nginx.conf' },
    authPort,
    servicePort,
  )

/** Keeps Caddy off other addresses and off its administration port. */
const GLOBAL = '{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n'

/** Starts Caddy with the example's Caddyfile. `timeout` replaces the time to wait for the auth server. */
export function startCaddy(authPort: number, servicePort: number, timeout = '5s'): Promise<Running> {
  const change = (text: string) =>
    GLOBAL + text.replace('response_header_timeout 5s', `response_header_timeout ${timeout}`)
  const parameters = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile']
  return startProxy({ program: CADDY, parameters, file: 'Caddyfile', change }, authPort, servicePort)
}

/** Starts a proxy in a temporary folder that contains its configuration. */
async function startProxy(
  { program = '', parameters, file, change = (text) => text }: Options,
  authPort: number,
  servicePort: number,
): Promise<Running> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'portvakt-forward-auth-'))
  const example = await readFile(new URL(`../../examples/forward-auth/${file}`, import.meta.url), 'utf8')
  const ports = { 9100: authPort, 9101: servicePort, 9102: port }
  const configuration = example.replace(/:(910[0-2])\b/g, (_all, one: keyof typeof ports) => `:${ports[one]}`)
  await writeFile(join(folder, file), change(configuration))
  const log = await open(join(folder, 'log'), 'w')
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdio: ['ignore', 'ignore', log.fd],
  })
  await log.close()
  if (!(await listens(child, port)))
    throw new Error(`${program} did not start: ${await readFile(join(folder, 'log'), 'utf8')}`)
  return {
    port,
    async close() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true })
    },
  }
}

/** Waits until the port is open. Returns false if the process exits first. */
async function listens(child: ChildProcess, port: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return true
  }
  return false
}
