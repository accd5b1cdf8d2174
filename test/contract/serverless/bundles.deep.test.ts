import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build as esbuild } from 'esbuild'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import webpack from 'webpack'
import { headersWith, mock, READ } from '../adapter-world.js'

const { authorization } = await headersWith({ expiresIn: 3600 })
const forged = `${authorization.slice(0, -4)}AAAA`
const REFUSED = { allowed: false, denial: { reason: 'bad_signature' } }

const entry = createRequire(import.meta.url).resolve('@portvakt/core')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portvakt-bundles-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The export conditions that bundlers use for each platform. Bun and Deno also set `node`. */
const PLATFORMS = {
  node: ['node'],
  browser: ['browser'],
  worker: ['worker', 'browser'],
  'edge-light': ['edge-light', 'worker', 'browser'],
  workerd: ['workerd', 'worker', 'browser'],
  bun: ['bun', 'node'],
  deno: ['deno', 'node'],
} as const

/** Bundles core into a module, for these export conditions. */
type Bundle = (file: string, conditions: string[]) => Promise<unknown>
const isNode = (conditions: readonly string[]) => conditions.includes('node')

const external = /^node:/
const BUNDLERS: Readonly<Record<string, Bundle>> = {
  esbuild: (outfile, conditions) =>
    esbuild({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: isNode(conditions) ? 'node' : 'browser',
      conditions,
    }),
  rolldown: async (file, conditions) => {
    const platform = isNode(conditions) ? 'node' : 'browser'
    const bundle = await rolldown({
      input: entry,
      external,
      platform,
      resolve: { conditionNames: conditions },
    })
    await bundle.write({ file, format: 'esm' })
  },
  rollup: async (file, conditions) => {
    const plugins = [nodeResolve({ exportConditions: conditions })]
    const bundle = await rollup({ input: entry, external, plugins })
    await bundle.write({ file, format: 'esm' })
  },
  webpack: (file, conditions) =>
    new Promise((resolve, reject) => {
      const options: webpack.Configuration = {
        entry,
        mode: 'production',
        target: isNode(conditions) ? 'node20' : ['web', 'es2022'],
        resolve: { conditionNames: [...conditions, 'import'] },
        output: {
          path: dirname(file),
          filename: file.slice(dirname(file).length + 1),
          library: { type: 'module' },
        },
        experiments: { outputModule: true },
      }
      webpack(options, (error, stats) => {
        if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString()))
        else resolve(stats)
      })
    }),
}

/** Returns the bundled validator's decision on a request. */
async function decisionBy(file: string, given: string) {
  const { createMaskinportenValidator } = await import(pathToFileURL(file).href)
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  return validator.decide(given, READ)
}

const CASES = Object.keys(BUNDLERS).flatMap((bundler) =>
  Object.keys(PLATFORMS).map((platform) => [bundler, platform as keyof typeof PLATFORMS] as const),
)

test.each(CASES)(
  'the %s bundle for %s verifies signatures, and imports Node’s modules only if built for Node',
  async (bundler, platform) => {
    const file = join(folder, `${bundler}-${platform}.mjs`)
    await BUNDLERS[bundler]?.(file, [...PLATFORMS[platform]])
    const text = await readFile(file, 'utf8')
    const used = [...text.matchAll(/["'](?:node:)?(crypto|http|https)["']/g)].map(([, name]) => name)
    expect([...new Set(used)].sort()).toEqual(platform === 'node' ? ['crypto', 'http', 'https'] : [])
    expect(await decisionBy(file, authorization)).toMatchObject({ allowed: true })
    expect(await decisionBy(file, forged)).toMatchObject(REFUSED)
  },
)

test('a Rollup bundle built without the export condition `node` uses WebCrypto on Node', async () => {
  const file = join(folder, 'rollup-default.mjs')
  const bundle = await rollup({ input: entry, plugins: [nodeResolve()] })
  await bundle.write({ file, format: 'esm' })
  expect(await readFile(file, 'utf8')).not.toContain('node:crypto')
  expect(await decisionBy(file, authorization)).toMatchObject({ allowed: true })
})

test('where WebCrypto returns promises of another realm, as on Next.js’s edge runtime, a forged token is refused', async () => {
  const outfile = join(folder, 'edge.js')
  const conditions = [...PLATFORMS['edge-light']]
  const format = { bundle: true, format: 'iife', globalName: 'core', platform: 'browser' } as const
  await esbuild({ entryPoints: [entry], outfile, conditions, ...format })
  const globals = { AbortController, TextDecoder, TextEncoder, URL, crypto, performance }
  const realm = createContext({ ...globals, setTimeout, clearTimeout })
  runInContext(await readFile(outfile, 'utf8'), realm)
  const isNative = "crypto.subtle.digest('SHA-256', new Uint8Array(1)) instanceof Promise"
  expect(runInContext(isNative, realm)).toBe(false)
  const { createMaskinportenValidator } = runInContext('core', realm)
  const validator = createMaskinportenValidator({ issuer: mock.issuer, jwks: mock.jwks() })
  await validator.ready()
  for (const _use of ['first', 'cached'])
    expect(await validator.decide(authorization, READ)).toMatchObject({ allowed: true })
  expect(await validator.decide(forged, READ)).toMatchObject(REFUSED)
})
