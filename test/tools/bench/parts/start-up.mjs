import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../../processes.mjs'
import { CALLS } from '../contestants/calls.mjs'
import { interleave } from '../statistics.mjs'

const SCRIPT = new URL('../contestants/start-process.mjs', import.meta.url)
const PACKAGES = fileURLToPath(new URL('../../../../packages', import.meta.url))

/** The modules that an application imports to guard its routes, without the framework. */
const MIDDLEWARE = [
  ...['@portvakt/express', '@portvakt/koa', '@portvakt/fastify', '@portvakt/hono'],
  ...['express-oauth2-jwt-bearer', 'express-jwt + jwks-rsa', 'koa-jwt + jwks-rsa'],
  ...['@fastify/jwt', 'fastify-jwt-jwks', 'hono/jwk'],
]

/**
 * Measures one-time costs, each in a new process: the duration of the import, and the time from its end to
 * the first verdict, which includes loading keys. Also measures the sizes of the packages.
 */
export async function measureStartUp({ plan, setting, problem }) {
  const libraries = Object.entries(CALLS).filter(([, { isBare }]) => !isBare)
  const blocks = [
    ...MIDDLEWARE.map((name) => ({ name, call: undefined, modules: name.split(' + ') })),
    ...libraries.map(([name, { modules }]) => ({ name: `${name} (call)`, call: name, modules })),
  ].map(({ name, call, modules }) => ({
    name,
    async run() {
      const process = await startProcess(SCRIPT, { modules, call, ...setting })
      const { isAccepted, ...figures } = process.opened
      await process.stop()
      if (isAccepted === false) problem(`${name} refuses its first good token`)
      return figures
    },
  }))
  return { times: await interleave(blocks, plan.startUp), packages: packageSizes() }
}

/** Returns the sizes of each package as a download and on disk, in bytes, without dependencies. */
function packageSizes() {
  const folders = readdirSync(PACKAGES).map((name) => `./${name}`)
  const pack = ['pack', ...folders, '--dry-run', '--json', '--silent']
  const packages = JSON.parse(execFileSync('npm', pack, { cwd: PACKAGES, encoding: 'utf8' }))
  const sizes = packages.map(({ name, size, unpackedSize, entryCount }) => [
    name,
    { size, unpackedSize, entryCount },
  ])
  return Object.fromEntries(sizes)
}
