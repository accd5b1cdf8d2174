/**
 * Coverage-guided fuzzing of the parsers of untrusted input, with Jazzer.js:
 *
 *   pnpm fuzz [--seconds 60] [--grow] [TARGET…]
 *
 * Each target starts with its file in `corpus/`, a list of inputs in Latin-1. `--grow` adds the inputs of
 * this run that cover more code. Jazzer.js is installed from the npm registry for each run, because it is
 * large. Its native part needs glibc 2.38: on an older Debian, the newer C library is downloaded to a
 * temporary folder for this run.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const JAZZER = '@jazzer.js/core@4.0.0'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, grow: { type: 'boolean', default: false } },
})
const all = readdirSync(join(HERE, 'targets')).map((file) => file.replace(/\.mjs$/, ''))
const unknown = positionals.find((name) => !all.includes(name))
if (unknown) throw new Error(`Unknown target ${unknown}. Targets: ${all.join(', ')}`)
const targets = positionals.length > 0 ? positionals : all

mkdirSync(join(ROOT, 'reports'), { recursive: true })
const home = mkdtempSync(join(tmpdir(), 'portvakt-fuzz-'))
let failed = 0
try {
  writeFileSync(join(home, 'package.json'), '{}')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', JAZZER], { cwd: home, stdio: 'pipe' })
  const node = nodeWithGlibc(home)
  for (const name of targets) if (!fuzz(name, node)) failed++
} finally {
  rmSync(home, { recursive: true })
}
console.log(`${targets.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function fuzz(name, [command, ...prefix]) {
  const corpus = join(HERE, 'corpus', `${name}.json`)
  const inputs = join(home, 'inputs', name)
  mkdirSync(inputs, { recursive: true })
  for (const [index, input] of JSON.parse(readFileSync(corpus, 'utf8')).entries())
    writeFileSync(join(inputs, `${index}`), input, 'latin1')
  // Jazzer.js adds each new input that covers more code to the folder `inputs`.
  const { status, stderr, stdout } = spawnSync(
    command,
    [
      ...prefix,
      join(home, 'node_modules/@jazzer.js/core/dist/cli.js'),
      join(HERE, 'targets', `${name}.mjs`),
      inputs,
      ...['-i', 'packages/core/dist/', '-i', 'packages/mock/dist/nais/'],
      ...['--timeout', '10000', '--'],
      ...[
        `-max_total_time=${values.seconds}`,
        '-max_len=4096',
        '-print_final_stats=1',
        `-artifact_prefix=${join(ROOT, 'reports')}/`,
      ],
    ],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  const runs = /stat::number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1] ?? '0'
  const coverage = [...stderr.matchAll(/ cov: (\d+)/g)].at(-1)?.[1] ?? '0'
  const passed = status === 0 && Number(runs) > 0
  console.log(`${passed ? '✓' : '✗'} ${name}: ${runs} runs, ${coverage} edges covered`)
  if (!passed) console.log(stdout + stderr.slice(-4000))
  if (passed && values.grow) {
    const kept = readdirSync(inputs).map((file) => readFileSync(join(inputs, file), 'latin1'))
    writeFileSync(corpus, `${JSON.stringify([...new Set(kept)].sort(), null, 2)}\n`)
  }
  return passed
}

/** The command that starts Node with a C library that Jazzer.js supports. */
function nodeWithGlibc(folder) {
  const { glibcVersionRuntime: version } = process.report.getReport().header
  const [, minor] = (version ?? '2.99').split('.').map(Number)
  if (minor >= 38) return [process.execPath]
  const apt = [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
  ].flatMap((option) => ['-o', option])
  for (const name of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true })
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(
    join(folder, 'sources.list'),
    `deb [signed-by=${keyring}] http://deb.debian.org/debian trixie main\n`,
  )
  execFileSync('apt-get', ['-qq', ...apt, 'update'], { stdio: 'pipe' })
  for (const name of ['libc6', 'libstdc++6', 'libgcc-s1']) {
    execFileSync('apt-get', ['-qq', ...apt, 'download', `${name}/trixie`], { cwd: folder, stdio: 'pipe' })
  }
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', file, 'glibc'], { cwd: folder })
  }
  const libraries = join(
    folder,
    'glibc/usr/lib',
    `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  )
  const loader = readdirSync(libraries).find((file) => /^ld-linux.*\.so/.test(file))
  return [join(libraries, loader ?? ''), '--library-path', libraries, process.execPath]
}
