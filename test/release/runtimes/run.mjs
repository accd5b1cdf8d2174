/**
 * Runs the suites on the other supported runtimes. On newer versions of Node, on Bun and on Deno, Vitest runs
 * in the runtime itself. On workerd, only the conformance suite runs, over HTTP. Run it with
 * `pnpm test:runtimes`, or for one runtime with `pnpm test:runtimes bun`. The command is separate, because it
 * installs the runtimes from the npm registry.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADAPTERS } from '../../adapters.mjs'
import { run } from '../packaging/command.mjs'
import { BUN, DENO, NODES, WORKERD } from '../versions.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

/** Suites that need only web standards. */
const PORTABLE = [
  'packages/core',
  ...ADAPTERS.filter(({ portable }) => portable).map(({ name }) => `packages/${name}`),
]
/** Suites that run on other versions of Node: the portable suites, and suites that need Node. */
const ON_NODE = [
  ...PORTABLE,
  'packages/client',
  'test/contract/conformance',
  'test/contract/faults/proxy',
  'packages/mock/test/maskinporten',
]

const platform = `${process.platform}-${process.arch}`
const deno = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-arm64': '@deno/darwin-arm64',
}

// These npm packages contain the binaries of the runtimes, so no install script has to run.
const RUNTIMES = [
  ...NODES.map((version) => ({
    name: `node ${version}`,
    package: `node-${platform}@${version}`,
    binary: `node-${platform}/bin/node`,
    args: (binary) => [binary, VITEST, 'run', ...ON_NODE],
  })),
  {
    name: `bun ${BUN}`,
    package: `@oven/bun-${platform}@${BUN}`,
    binary: `@oven/bun-${platform}/bin/bun`,
    args: (binary) => [binary, '--bun', VITEST, 'run', ...PORTABLE],
  },
  {
    name: `deno ${DENO}`,
    package: `${deno[platform]}@${DENO}`,
    binary: `${deno[platform]}/deno`,
    // Deno generates RSA keys slowly.
    args: (binary) => [binary, 'run', '-A', VITEST, 'run', '--testTimeout=60000', ...PORTABLE],
  },
  {
    name: `workerd ${WORKERD}`,
    package: `@cloudflare/workerd-${platform.replace('x64', '64')}@${WORKERD}`,
    binary: `@cloudflare/workerd-${platform.replace('x64', '64')}/bin/workerd`,
    args: () => [process.execPath, VITEST, 'run', 'test/contract/conformance'],
    env: (binary) => ({ PORTVAKT_WORKERD: binary }),
  },
]

const wanted = process.argv.slice(2)
const isWanted = ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word))
const chosen = RUNTIMES.filter(isWanted)
if (chosen.length === 0) {
  const names = RUNTIMES.map(({ name }) => name).join(', ')
  throw new Error(`Unknown runtime ${wanted.join(' ')}. Runtimes: ${names}`)
}

const home = mkdtempSync(join(tmpdir(), 'portvakt-runtimes-'))
const failed = []
try {
  for (const runtime of chosen) {
    // Each runtime has its own folder, because some runtimes are versions of the same package.
    const folder = mkdtempSync(join(home, 'runtime-'))
    writeFileSync(join(folder, 'package.json'), '{}')
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', runtime.package)
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
const others = failed.map((name) => `, not ${name}`).join('')
console.log(`\n${chosen.length - failed.length} of ${chosen.length} runtimes passed${others}`)
process.exitCode = failed.length === 0 ? 0 : 1
