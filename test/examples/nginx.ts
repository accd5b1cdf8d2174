import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { running } from '../contract/conformance/host.js'

/** Debian's nginx; undefined if this machine has none. Continuous integration requires one. */
export const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(
  (path) => spawnSync(path, ['-v']).status === 0,
)
if (NGINX === undefined && process.env['PORTVAKT_REQUIRE_NGINX']) throw new Error('nginx is not installed')

export interface Nginx {
  readonly port: number
  close(): Promise<void>
}

/** Starts nginx with the example's nginx.conf, in front of servers on these ports. */
export async function startNginx(authPort: number, servicePort: number): Promise<Nginx> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'portvakt-nginx-'))
  const example = await readFile(new URL('../../examples/forward-auth/nginx.conf', import.meta.url), 'utf8')
  const ports = { 9100: authPort, 9101: servicePort, 9102: port }
  const configuration = example.replace(
    /127\.0\.0\.1:(910\d)/g,
    (_all, one: keyof typeof ports) => `127.0.0.1:${ports[one]}`,
  )
  await writeFile(join(folder, 'nginx.conf'), configuration)
  const child = spawn(NGINX ?? '', ['-p', folder, '-c', 'nginx.conf'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await listening(child, port)
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

async function freePort(): Promise<number> {
  const server = await running(createServer())
  await server.close()
  return server.port
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'close').then(() => ['close']),
    ]).catch(() => ['close'])
    socket.destroy()
    if (event === 'connect') return
  }
  throw new Error('nginx did not start')
}
