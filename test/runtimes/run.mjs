/**
 * The suites on the other runtimes that are supported: newer Nodes, Bun and Deno run them with Vitest, and
 * workerd answers the conformance suite over HTTP. Takes the npm registry, where all of them come from, so
 * it is a command of its own: `pnpm test:runtimes`, or `pnpm test:runtimes bun` for one.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADAPTERS } from '../adapters.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

/** What runs wherever the web's standards do. */
const PORTABLE = [
  'packages/core',
  ...ADAPTERS.filter(({ portable }) => portable).map(({ name }) => `packages/${name}`),
]
/** And what needs Node. */
const ON_NODE = [...PORTABLE, 'packages/client', 'test/conformance', 'test/proxy', 'test/interop']

const platform = `${process.platform}-${process.arch}`
const deno = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-arm64': '@deno/darwin-arm64',
}

// The binaries are packages of their own, which need no install script.
const RUNTIMES = [
  ...['22.23.3', '24.21.0', '26.10.0'].map((version) => ({
    name: `node ${version}`,
    package: `node-${platform}@${version}`,
    binary: `node-${platform}/bin/node`,
    args: (binary) => [binary, VITEST, 'run', ...ON_NODE],
  })),
  {
    name: 'bun 1.4.5',
    package: `@oven/bun-${platform}@1.4.5`,
    binary: `@oven/bun-${platform}/bin/bun`,
    args: (binary) => [binary, '--bun', VITEST, 'run', ...PORTABLE],
  },
  {
    name: 'deno 2.9.6',
    package: `${deno[platform]}@2.9.6`,
    binary: `${deno[platform]}/deno`,
    // Deno makes RSA keys slowly.
    args: (binary) => [binary, 'run', '-A', VITEST, 'run', '--testTimeout=60000', ...PORTABLE],
  },
  {
    name: 'workerd 1.20261117.1',
    package: `@cloudflare/workerd-${platform.replace('x64', '64')}@1.20261117.1`,
    binary: `@cloudflare/workerd-${platform.replace('x64', '64')}/bin/workerd`,
    args: () => [process.execPath, VITEST, 'run', 'test/conformance'],
    env: (binary) => ({ PORTVAKT_WORKERD: binary }),
  },
]

const wanted = process.argv.slice(2)
const chosen = RUNTIMES.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
)
if (chosen.length === 0)
  throw new Error(`There is no runtime ${wanted.join(' ')}: ${RUNTIMES.map(({ name }) => name).join(', ')}`)

const home = mkdtempSync(join(tmpdir(), 'portvakt-runtimes-'))
const failed = []
try {
  for (const runtime of chosen) {
    // Each in a folder of its own: they are versions of one package, some of them.
    const folder = mkdtempSync(join(home, 'runtime-'))
    writeFileSync(join(folder, 'package.json'), '{}')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', runtime.package], {
      cwd: folder,
      stdio: 'pipe',
    })
    const binary = join(folder, 'node_modules', runtime.binary)
    const [command, ...args] = runtime.args(binary)
    console.log(`\n— ${runtime.name}: ${args.filter((arg) => /^(packages|test)\//.test(arg)).join(' ')}`)
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', ...runtime.env?.(binary) },
      maxBuffer: 64 * 1024 * 1024,
    })
    console.log(status === 0 ? stdout.match(/^ *(Test Files|Tests) .*$/gm)?.join('\n') : stdout + stderr)
    if (status !== 0) failed.push(runtime.name)
  }
} finally {
  rmSync(home, { recursive: true })
}
console.log(
  `\n${chosen.length - failed.length} of ${chosen.length} runtimes passed${failed.map((name) => `, not ${name}`).join('')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
