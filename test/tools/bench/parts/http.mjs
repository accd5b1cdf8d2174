import { Client } from '../client.mjs'
import { SERVERS, UNGUARDED } from '../contestants/servers.mjs'
import { startProcess } from '../processes.mjs'
import { interleave, quantile, summary } from '../statistics.mjs'
import { atRandom, inTurn, TokenVerifier } from '../tokens.mjs'

const SCRIPT = new URL('../contestants/server-process.mjs', import.meta.url)
const CONNECTIONS = 32

const isSuccess = (status) => status === 200
const isRefusal = (status) => status >= 400 && status < 500

/**
 * Measures servers of each framework over HTTP on loopback: bare, guarded by portvakt, and guarded by
 * each peer.
 *
 * Two processes of the same program can differ by several per cent during their whole life, because of memory
 * layout and the order of compilation. The figures for the bars are therefore measured in several generations
 * of processes, and the other figures only in the first generation.
 *
 * @returns the figures by framework, then by contestant, then by number of live tokens
 */
export async function measureHttp({ plan, setting, problem }) {
  const results = {}
  for (let generation = 0; generation < plan.http.generations; generation++) {
    const live = generation === 0 ? plan.http.live : [100]
    const figures = await measureGeneration(live, plan.http, setting, problem)
    for (const [block, found] of Object.entries(figures)) {
      const [framework, name, mode] = block.split(' | ')
      results[framework] ??= {}
      results[framework][name] ??= {}
      results[framework][name][mode] = joined(results[framework][name][mode], found)
    }
  }
  return results
}

async function measureGeneration(live, plan, setting, problem) {
  const { rounds, warmUp, turns, requests, newTokens, warmUpRequests, warmUpNewTokens } = plan
  const tokens = new TokenVerifier(setting.tokens)
  const servers = await Promise.all(
    Object.entries(SERVERS).flatMap(([framework, contestants]) =>
      Object.keys(contestants).map((name) => openServer({ framework, name, setting, tokens, problem })),
    ),
  )
  const most = Math.max(...live)
  const knownOf = (count) => inTurn(warmUpRequests, { live: count })
  const blocks = servers.flatMap((server) => {
    const nameOf = (mode) => `${server.framework} | ${server.name} | ${mode}`
    let times = 0
    let next = most
    const knownBlock = (count) => ({
      name: nameOf(`${count} live`),
      run: () => block(server, atRandom(requests, count, times++), knownOf(count)),
    })
    const newBlock = {
      name: nameOf('always new'),
      run() {
        const from = next
        next += newTokens + warmUpNewTokens
        const unmeasured = inTurn(warmUpNewTokens, { from })
        return block(server, inTurn(newTokens, { from: from + warmUpNewTokens }), unmeasured)
      },
    }
    const isCompared = server.name === 'portvakt' || UNGUARDED.includes(server.name)
    return [
      ...live.map(knownBlock),
      ...Array.from({ length: isCompared ? turns.known - 1 : 0 }, () => knownBlock(100)),
      ...Array.from({ length: turns.new }, () => newBlock),
    ]
  })
  // The warm-up caches every live token and lets V8 compile the code.
  for (const server of servers) await block(server, inTurn(Math.max(most, requests * 2), { live: most }), [])

  /**
   * @param before tokens to send first without measuring, so that code is compiled and live tokens are cached
   */
  async function block({ framework, name, process }, indexes, before) {
    const authorizations = tokens.fresh('good', indexes, 'Bearer ')
    // Each block opens new connections, because servers close idle ones.
    const client = await Client.open(process.opened, CONNECTIONS)
    await process.ask('collect')
    await client.run(tokens.fresh('good', before, 'Bearer '), isSuccess)
    await process.ask('begin', {})
    const { wall, latencies, wrong } = await client.run(authorizations, isSuccess)
    const { cpu } = await process.ask('end')
    client.close()
    if (wrong > 0) problem(`${name} on ${framework} refused ${wrong} good tokens`)
    const sorted = latencies.sort((a, b) => a - b)
    return {
      cpu: cpu / authorizations.length,
      perSecond: (authorizations.length / wall) * 1e6,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
    }
  }

  const figures = await interleave(inTurns(blocks), { rounds, warmUp })
  for (const { process } of servers) await process.stop()
  tokens.close()
  return figures
}

/** Joins the rounds of earlier generations with those of a later one. */
function joined(earlier, later) {
  if (!earlier) return later
  return Object.fromEntries(
    Object.entries(later).map(([figure, { rounds }]) => [
      figure,
      summary([...earlier[figure].rounds, ...rounds]),
    ]),
  )
}

/** Lets the blocks that are compared with each other alternate, so that the machine affects them alike. */
function inTurns(blocks) {
  const times = {}
  const placed = blocks.map((block) => {
    const [framework, , mode] = block.name.split(' | ')
    times[block.name] = (times[block.name] ?? 0) + 1
    return { block, kind: `${framework} | ${mode}`, turn: times[block.name] }
  })
  return [...new Set(placed.map(({ kind }) => kind))].flatMap((kind) =>
    placed
      .filter((each) => each.kind === kind)
      .toSorted((one, other) => one.turn - other.turn)
      .map(({ block }) => block),
  )
}

/** Starts a server, and checks that it accepts a valid token and refuses bad ones. */
export async function openServer({ framework, name, setting, tokens, problem }) {
  const process = await startProcess(SCRIPT, { framework, name, ...setting })
  const client = await Client.open(process.opened, 2)
  const isGuarded = !UNGUARDED.includes(name)
  for (const [set, expected] of [
    ['good', isSuccess],
    ['bad signature', isGuarded ? isRefusal : isSuccess],
    ['expired', isGuarded ? isRefusal : isSuccess],
    // Valid tokens are sent again, because the second answer can come from a cache.
    ['good', isSuccess],
  ]) {
    const { wrong } = await client.run(tokens.fresh(set, inTurn(10), 'Bearer '), expected)
    if (wrong > 0) problem(`${name} on ${framework} answers the set "${set}" wrongly`)
  }
  const { wrong } = await client.run([undefined], isGuarded ? isRefusal : isSuccess)
  if (wrong > 0) problem(`${name} on ${framework} answers a request without a token wrongly`)
  client.close()
  return { framework, name, process }
}
