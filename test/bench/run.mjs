/**
 * Compares portvakt with its peers. Run it with `pnpm bench`, and optionally `--smoke`, `--full`, `--only
 * PART`, `--json FILE` and `--validator JSON`. README.md explains each figure. The command exits with 1 if a
 * contestant answers wrongly, but not because of any figure.
 */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { barsOf } from './bars.mjs'
import { chartsOf } from './charts.mjs'
import { describeEnvironment } from './environment.mjs'
import { measureDecision } from './parts/decision.mjs'
import { measureFlood } from './parts/flood.mjs'
import { measureHttp } from './parts/http.mjs'
import { measureMemory } from './parts/memory.mjs'
import { measureScaling } from './parts/scaling.mjs'
import { measureStartUp } from './parts/start-up.mjs'
import { measureTexas } from './parts/texas.mjs'
import { PLANS } from './setting.mjs'
import { cell, table } from './table.mjs'
import { TABLES } from './tables.mjs'
import { prepareTokens } from './tokens.mjs'

const PARTS = {
  decision: measureDecision,
  http: measureHttp,
  scaling: measureScaling,
  memory: measureMemory,
  flood: measureFlood,
  texas: measureTexas,
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
  // If the cache size of a peer can be set, its cache has room for every token.
  cacheSize: Math.min(plan.tokens, 50_000),
  validatorOptions: options.validator,
}

const parts = {}
for (const part of options.parts) {
  progress(`measuring: ${part}`)
  parts[part] = await PARTS[part]({ plan, setting, problem: (text) => problems.add(text) })
  for (const [title, text] of TABLES[part](parts[part])) console.log(`\n${title}\n\n${text}`)
}
keys.close()

const bars = barsOf(parts)
console.log(`\nBars\n\n${barTable(bars)}\n`)
if (options.plan === 'smoke')
  console.log('A smoke run only shows that everything works. Its figures are meaningless.\n')
const charts = chartsOf(parts)
const found = Object.fromEntries(
  Object.entries(parts).map(([name, results]) => [
    name,
    { ...environment, plan: options.plan, validatorOptions: options.validator, results },
  ]),
)
if (options.json) writeFileSync(options.json, textOf({ parts: found, bars }))
// Runs with default options replace the committed figures part by part, because no figure compares two parts.
if (options.plan !== 'smoke' && Object.keys(options.validator).length === 0) {
  const file = new URL('results.json', RESULTS)
  const committed = JSON.parse(readFileSync(file, 'utf8')).parts
  const all = { ...committed, ...found }
  const results = Object.fromEntries(Object.entries(all).map(([name, part]) => [name, part.results]))
  writeFileSync(file, textOf({ parts: all, bars: barsOf(results) }))
  for (const [name, svg] of Object.entries(charts)) writeFileSync(new URL(`${name}.svg`, RESULTS), svg)
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

async function serveKeys(jwks) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}/jwk`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** JSON with one line per figure. */
function textOf(results) {
  const onOneLine = (text) => text.replace(/\s+/g, ' ')
  const json = JSON.stringify(results, null, 1)
  return `${json.replace(/\[[^[\]{}]*\]/g, onOneLine).replace(/\{[^{}]*\}/g, onOneLine)}\n`
}

function barTable(bars) {
  return table(
    ['', 'this run (quartiles)', 'bar', ''],
    bars.map(({ name, limit, found }) => {
      const verdict = limit === undefined ? '' : found.median <= limit ? 'met' : 'NOT MET'
      return [name, cell(found), limit === undefined ? '' : `≤ ${limit}`, verdict]
    }),
  )
}

function progress(text) {
  console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`)
}
