// Mutates module by module, each with its own tests, and prints how many mutants the tests killed.
//   node test/mutation/run.mjs                      every module
//   node test/mutation/run.mjs --mutate FILE...     these modules
//   node test/mutation/run.mjs --slice              the modules for CI
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { RUNS, SLICE } from './modules.mjs'

const LOWEST = 90

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { mutate: { type: 'string', multiple: true }, slice: { type: 'boolean' } },
  allowPositionals: true,
})
const wanted = values.slice ? SLICE : [...(values.mutate ?? []), ...positionals]
const unknown = wanted.filter((file) => !RUNS.some(({ mutate }) => mutate.includes(file)))
if (unknown.length > 0) throw new Error(`Not in test/mutation/modules.mjs: ${unknown.join(', ')}`)

mkdirSync('reports/mutation', { recursive: true })
const failed = []
const runs = RUNS.flatMap(({ mutate, tests }) => {
  const files = wanted.length > 0 ? mutate.filter((file) => wanted.includes(file)) : mutate
  const scores = files.length > 0 ? scoresOf(files, tests) : undefined
  if (scores) console.table(scores)
  return scores ? [scores] : []
})
console.table(runs.flat())
if (failed.length > 0) console.error(`Stryker failed on ${failed.join()}`)
if (failed.length > 0 || runs.some((scores) => scoreOfRun(scores) < LOWEST)) process.exitCode = 1

function scoresOf(files, tests) {
  // Properties run fewer cases, because the first cases, or another test, kill a mutant.
  const env = {
    PROPERTY_RUNS: '20',
    STORY_SECONDS: '3600',
    ...process.env,
    MUTATION_TESTS: tests.join(),
    MUTATION_FILES: files.join(),
    // Stryker works in a copy of the repository.
    TEST_KEYS: resolve('reports/mutation/keys.json'),
  }
  const { status } = spawnSync('stryker', ['run', '--mutate', files.join()], { env, stdio: 'inherit' })
  if (status !== 0) return void failed.push(...files)
  const report = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'))
  return Object.entries(report.files).map(([file, { mutants }]) => scoreOf(file, mutants))
}

function scoreOf(file, mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
  const noticed = count('Killed', 'Timeout')
  const survived = count('Survived', 'NoCoverage')
  const score = Math.round((1000 * noticed) / (noticed + survived)) / 10
  return { module: file.replace('packages/', '').replace('/src', ''), noticed, survived, score }
}

/**
 * Returns the score of all modules in a run together. A small module with one equivalent mutant would have a
 * low score by itself.
 */
function scoreOfRun(scores) {
  const sum = (name) => scores.reduce((total, score) => total + score[name], 0)
  return (100 * sum('noticed')) / (sum('noticed') + sum('survived'))
}
