import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import type { Api, Origin } from '../api.js'
import { type Host, type Running, send, serve } from '../host.js'

/**
 * Hosts in a separate process on workerd, Cloudflare's runtime. On workerd, I/O ends with the request that
 * started it.
 */
export function workerdHosts(binary: string): readonly Host[] {
  return [
    { name: 'fetch on workerd', start: (api) => startWorkerd(binary, 'fetch', api) },
    { name: 'Hono on workerd', start: (api) => startWorkerd(binary, 'hono', api) },
  ]
}

async function startWorkerd(binary: string, app: string, { origin }: Api): Promise<Running> {
  if (!origin) throw new Error('workerd needs an origin to create its validators')
  const control = await serve(getRequestListener((request) => answerForMaskinporten(request, origin)))
  const directory = await mkdtemp(join(tmpdir(), 'portvakt-workerd-'))
  await bundle(join(directory, 'app.js'))
  const configuration = configurationOf({
    APP: app,
    ISSUER: origin.issuer,
    MODE: origin.mode,
    CONTROL: `http://127.0.0.1:${control.port}`,
  })
  await writeFile(join(directory, 'config.capnp'), configuration)
  const worker = spawn(binary, ['serve', '--control-fd=3', join(directory, 'config.capnp')], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const port = await portFrom(worker.stdio[3] as Readable)
  return {
    port,
    takeHandled: async () => Number((await send(port, 'GET', '/handled')).body),
    async close() {
      worker.kill()
      await once(worker, 'exit')
      await control.close()
      await rm(directory, { recursive: true })
    },
  }
}

/**
 * Forwards requests for `/prompt/…` to the mock at once, and requests for `/slow/…` after the test calls
 * `release`.
 */
async function answerForMaskinporten(request: Request, origin: Origin): Promise<Response> {
  const [, name, ...path] = new URL(request.url).pathname.split('/')
  const url = new URL(path.join('/'), origin.issuer).href
  const { method, headers } = request
  const body = method === 'POST' ? await request.text() : null
  return (name === 'slow' ? origin.slowFetch : origin.fetch)(url, { method, headers, body })
}

async function bundle(file: string): Promise<void> {
  const { build } = await import('rolldown')
  await build({
    input: fileURLToPath(new URL('workerd-app.ts', import.meta.url)),
    output: { file, format: 'esm', codeSplitting: false },
    // The worker only verifies tokens, so it does not need the mock.
    external: /^(node:|@portvakt\/mock)/,
    treeshake: { moduleSideEffects: false },
    platform: 'neutral',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['workerd', 'worker', 'import'] },
    logLevel: 'silent',
  })
}

function configurationOf(environment: Record<string, string>): string {
  const bindings = Object.entries(environment).map(([name, text]) => `(name = "${name}", text = "${text}")`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = .app),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "app")],
);
const app :Workerd.Worker = (
  modules = [(name = "app", esModule = embed "app.js")],
  compatibilityDate = "2026-01-01",
  bindings = [${bindings.join(', ')}],
);
`
}

/** Reads the port of workerd, which workerd writes to its control file descriptor as a line of JSON. */
async function portFrom(control: Readable): Promise<number> {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line)
    if (event === 'listen') return port
  }
  throw new Error('workerd ended before it listened')
}
