// Mutates each module, and runs the tests that modules.mjs names for the module. For each mutant that
// survives, survivors.json must have a reason.
//   node test/tools/mutation/run.mjs              every module
//   node test/tools/mutation/run.mjs FILE...      these modules
//   node test/tools/mutation/run.mjs --slice      the modules for CI
//   node test/tools/mutation/run.mjs --update     also writes scores.md, and new survivors to survivors.json
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { RUNS, SLICE } from './modules.mjs'
import { readScores, scoreOf, survivorsIn, textOfScores } from './report.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const STRYKER = resolve(HERE, '../node_modules/@stryker-mutator/core/bin/stryker.js')
const CONFIG = resolve(HERE, 'stryker.config.json')
const SURVIVORS = resolve(HERE, 'survivors.json')
const SCORES = resolve(HERE, 'scores.md')

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { slice: { type: 'boolean' }, update: { type: 'boolean' } },
  allowPositionals: true,
})
const wanted = values.slice ? SLICE : positionals
const unknown = wanted.filter((file) => !RUNS.some(({ mutate }) => mutate.includes(file)))
if (unknown.length > 0) throw new Error(`Not in modules.mjs: ${unknown.join(', ')}`)

const explained = JSON.parse(readFileSync(SURVIVORS, 'utf8'))
const scores = new Map()
const problems = []
mkdirSync('reports/mutation', { recursive: true })
for (const { mutate, tests } of RUNS) {
  const files = wanted.length > 0 ? mutate.filter((file) => wanted.includes(file)) : mutate
  if (files.length > 0) run(files, tests)
  if (values.update) {
    writeFileSync(SURVIVORS, `${JSON.stringify(explained, null, 2)}\n`)
    writeFileSync(SCORES, textOfScores(new Map([...readScores(SCORES), ...scores])))
  }
}
console.table([...scores].map(([module, score]) => ({ module, ...score })))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function run(files, tests) {
  // Property tests run fewer cases, because their first cases or other tests already kill the mutants.
  const env = {
    PROPERTY_RUNS: '20',
    STORY_SECONDS: '3600',
    ...process.env,
    MUTATION_TESTS: tests.join(),
    MUTATION_FILES: files.join(),
    // The path is absolute, because Stryker works in a copy of the repository.
    TEST_KEYS: resolve('reports/mutation/keys.json'),
  }
  const args = [STRYKER, 'run', CONFIG, '--mutate', files.join()]
  const { status } = spawnSync(process.execPath, args, { env, stdio: 'inherit' })
  if (status !== 0) return void problems.push(`Stryker failed on ${files.join()}`)
  const report = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'))
  for (const [file, result] of Object.entries(report.files)) {
    const module = file.replace('packages/', '').replace('/src', '').replace('.ts', '')
    scores.set(module, scoreOf(result))
    compare(module, survivorsIn(result))
  }
}

/** Compares the survivors with those that survivors.json explains. */
function compare(module, found) {
  const known = explained[module] ?? []
  const listed = found.map(
    (one) => known.find((other) => one.to === other.to && one.from === other.from) ?? one,
  )
  for (const { from, to } of listed.filter(({ why }) => !why))
    problems.push(`${module}: a mutant survives without a reason in survivors.json\n  - ${from}\n  + ${to}`)
  for (const { from, to } of known.filter((one) => !listed.includes(one)))
    console.log(`${module}: survivors.json explains a mutant that does not survive\n  - ${from}\n  + ${to}`)
  if (listed.length > 0) explained[module] = listed
  else delete explained[module]
}
