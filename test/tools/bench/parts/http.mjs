import { startProcess } from '../../processes.mjs'
import { Client } from '../client.mjs'
import { SERVERS, UNGUARDED } from '../contestants/servers.mjs'
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
  let results
  for (let generation = 0; generation < plan.http.generations; generation++) {
    const live = generation === 0 ? plan.http.live : [100]
    results = joined(results, await measureGeneration(live, plan.http, setting, problem))
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
  for (const server of servers) Object.assign(server, { times: 0, next: most })
  // The blocks that are compared with each other alternate, so that the machine affects them alike.
  const blocks = Object.keys(SERVERS).flatMap((framework) => {
    const all = servers.filter((server) => server.framework === framework)
    const compared = all.filter(({ name }) => name === 'portvakt' || UNGUARDED.includes(name))
    return [
      ...live.flatMap((count) => [
        ...all.map((server) => knownBlock(server, count)),
        ...repeated(compared, count === 100 ? turns.known - 1 : 0).map((server) => knownBlock(server, count)),
      ]),
      ...repeated(all, turns.new).map(newBlock),
    ]
  })
  // The warm-up caches every live token and lets V8 compile the code.
  for (const server of servers) await block(server, inTurn(Math.max(most, requests * 2), { live: most }), [])

  function knownBlock(server, count) {
    return {
      name: `${server.framework} | ${server.name} | ${count} live`,
      run() {
        const before = inTurn(warmUpRequests, { live: count })
        return block(server, atRandom(requests, count, server.times++), before)
      },
    }
  }

  function newBlock(server) {
    return {
      name: `${server.framework} | ${server.name} | always new`,
      run() {
        const from = server.next
        server.next += newTokens + warmUpNewTokens
        const before = inTurn(warmUpNewTokens, { from })
        return block(server, inTurn(newTokens, { from: from + warmUpNewTokens }), before)
      },
    }
  }

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

  const figures = await interleave(blocks, { rounds, warmUp })
  for (const { process } of servers) await process.stop()
  tokens.close()
  return figures
}

/** Joins the rounds of earlier generations with those of a later one, which can have fewer figures. */
function joined(earlier, later) {
  if (!earlier) return later
  if (later.rounds) return summary([...earlier.rounds, ...later.rounds])
  const both = Object.entries(later).map(([name, found]) => [name, joined(earlier[name], found)])
  return { ...earlier, ...Object.fromEntries(both) }
}

function repeated(list, times) {
  return Array.from({ length: times }, () => list).flat()
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
