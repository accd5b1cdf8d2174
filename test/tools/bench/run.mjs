/**
 * Compares portvakt with its peers. Run it with `pnpm bench`, and optionally `--smoke`, `--full`,
 * `--only PART`, `--json FILE` and `--validator JSON`. README.md explains each figure. The command exits
 * with 1 if a contestant answers wrongly, but not because of any figure.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { barsOf } from './bars.mjs'
import { chartsOf } from './charts.mjs'
import { describeEnvironment } from './environment.mjs'
import { serveKeys } from './keys.mjs'
import { measureClient } from './parts/client.mjs'
import { measureDecision } from './parts/decision.mjs'
import { measureFields } from './parts/fields.mjs'
import { measureFlood } from './parts/flood.mjs'
import { measureHttp } from './parts/http.mjs'
import { measureMemory } from './parts/memory.mjs'
import { measureScaling } from './parts/scaling.mjs'
import { measureStartUp } from './parts/start-up.mjs'
import { measureTexas } from './parts/texas.mjs'
import { PLANS } from './setting.mjs'
import { cell, digits, table } from './table.mjs'
import { TABLES } from './tables.mjs'
import { prepareTokens } from './tokens.mjs'

const PARTS = {
  decision: measureDecision,
  http: measureHttp,
  scaling: measureScaling,
  fields: measureFields,
  memory: measureMemory,
  flood: measureFlood,
  texas: measureTexas,
  client: measureClient,
  'start-up': measureStartUp,
}
const RESULTS = new URL('./results/', import.meta.url)

const options = readOptions()
const plan = PLANS[options.plan]
const problems = new Set()
const began = Date.now()
const environment = describeEnvironment()

const tokens = await prepareTokens(plan)
const keys = await serveKeys(tokens.jwks)
const setting = {
  tokens,
  jwks: tokens.jwks,
  jwksUri: keys.url,
  // If the cache size of a peer can be set, its cache has room for every token, up to 50,000.
  cacheSize: Math.min(plan.tokens, 50_000),
  validatorOptions: options.validator,
}

const parts = {}
for (const part of options.parts) {
  progress(`measuring: ${part}`)
  parts[part] = await PARTS[part]({ plan, setting, problem: (text) => problems.add(text) })
  console.log(`\n${pageOf(part, parts[part], environment)}`)
}
keys.close()

if (options.plan === 'smoke')
  console.log('A smoke run only shows that everything works. Its figures are meaningless.\n')
if (options.json) {
  const { plan, validator } = options
  writeFileSync(options.json, JSON.stringify({ ...environment, plan, validator, parts }, null, 1))
}
// Replaces the committed pages and charts of the measured parts, except after a smoke run or with
// `--validator`.
if (options.plan !== 'smoke' && Object.keys(options.validator).length === 0) {
  for (const [part, results] of Object.entries(parts)) {
    writeFileSync(new URL(`${part}.md`, RESULTS), pageOf(part, results, environment))
    for (const [name, svg] of Object.entries(chartsOf(part, results)))
      writeFileSync(new URL(`${name}.svg`, RESULTS), svg)
  }
}
progress(`done in ${Math.round((Date.now() - began) / 1000)} s`)
for (const problem of problems) console.error(`WRONG: ${problem}`)
if (problems.size > 0) process.exitCode = 1

function readOptions() {
  const { values } = parseArgs({
    options: {
      smoke: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      validator: { type: 'string', default: '{}' },
    },
  })
  const parts = values.only?.flatMap((list) => list.split(',')) ?? Object.keys(PARTS)
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part))
  if (unknown !== undefined) {
    console.error(`Unknown part ${unknown}. Parts: ${Object.keys(PARTS).join(', ')}`)
    process.exit(2)
  }
  return {
    plan: values.smoke ? 'smoke' : values.full ? 'full' : 'usual',
    parts,
    json: values.json,
    validator: JSON.parse(values.validator),
  }
}

/** The figures of a part, in Markdown: where and when the part was measured, its tables and its bars. */
function pageOf(part, results, { measuredAt, commit, node, cpu, loadBefore, versions }) {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const measured = `${measuredAt.slice(0, 10)}, commit ${commit}, Node ${node}, ${cpu}, load before ${loadBefore}`
  const tables = [...TABLES[part](results), ...barTable(barsOf(part, results))]
  const sections = tables.map(([title, headers, rows]) => `## ${title}\n\n${table(headers, rows)}\n`)
  return `# The part ${part}\n\n${measured}. With ${peers.join(', ')}.\n\n${sections.join('\n')}`
}

function barTable(bars) {
  if (bars.length === 0) return []
  const rows = bars.map(({ name, limit, found, noise, verdict }) =>
    limit === undefined
      ? [name, cell(found), '', '', '']
      : [name, cell(found), `± ${digits(noise)}`, `≤ ${limit}`, verdict],
  )
  return [['Bars', ['', 'this run (quartiles)', 'noise', 'bar', ''], rows]]
}

function progress(text) {
  console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`)
}
