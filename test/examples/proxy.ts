import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Running, running } from '../contract/conformance/host.js'

/** Starts a proxy in front of an auth server and a service on these ports. */
export type StartProxy = (authPort: number, servicePort: number) => Promise<Running>

interface Options {
  /** The proxy's configuration in `examples/forward-auth`. Its ports are replaced. */
  readonly file: string
  readonly authPort: number
  readonly servicePort: number
  /** Changes more of the configuration. */
  readonly change?: (configuration: string) => string
  readonly program: string | undefined
  readonly parameters: readonly string[]
}

/** Starts a proxy in a temporary folder that contains its configuration. */
export async function startProxy(options: Options): Promise<Running> {
  const { file, authPort, servicePort, change = (text) => text, program = '', parameters } = options
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

async function freePort(): Promise<number> {
  const server = await running(createServer())
  await server.close()
  return server.port
}

/** Waits until the port is open. Returns false if the process exits first. */
async function listens(child: ChildProcess, port: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1')
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'close').then(() => ['close']),
    ]).catch(() => ['close'])
    socket.destroy()
    if (event === 'connect') return true
  }
  return false
}
