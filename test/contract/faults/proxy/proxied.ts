import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Server } from 'proxy-chain'

type Options = NonNullable<ConstructorParameters<typeof Server>[0]>

/** A forward proxy on loopback that records the host and port of each connection. */
export async function startProxy(answer: NonNullable<Options['prepareRequestFunction']>) {
  const passed: string[] = []
  const proxy = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction(request) {
      passed.push(`${request.hostname}:${request.port}`)
      return answer(request)
    },
  })
  await proxy.listen()
  return { passed, url: `http://127.0.0.1:${proxy.port}`, close: () => proxy.close(true) }
}

/** Runs an app of this folder until it ends by itself, and parses the JSON that it prints. */
export async function runApp(file: string, argument: string, env: Record<string, string>) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const options = { timeout: 60_000, env: { PATH: process.env['PATH'] ?? '', ...env } }
  return JSON.parse((await promisify(execFile)(process.execPath, [path, argument], options)).stdout)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** Whether this version of Node can use the proxy that the environment variables name. */
export const hasEnvProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
