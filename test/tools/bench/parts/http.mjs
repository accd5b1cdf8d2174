import { Client } from '../client.mjs'
import { VERIFICATION } from '../contestants/calls.mjs'
import { SERVERS, UNGUARDED } from '../contestants/servers.mjs'
import { startCalls } from '../contestants/start-calls.mjs'
import { isSuccess, openServer } from '../contestants/start-server.mjs'
import { KNOWN, NEW } from '../setting.mjs'
import { interleave, percentiles, summary } from '../statistics.mjs'
import { atRandom, inTurn, TokenFiles } from '../tokens.mjs'

const CONNECTIONS = 32

/** The number of different tokens in use in the measurements for the bars. */
const LIVE = 100

/**
 * Measures servers of each framework over HTTP on loopback: bare, guarded by portvakt, and guarded by each
 * peer. The bare verification is a process without a server, measured in the same rounds.
 *
 * Two processes of the same program can differ by several per cent during their whole life, because of memory
 * layout and the order of compilation. The figures for the bars are therefore measured in several generations
 * of processes, and the other figures only in the first generation.
 *
 * @returns the number of `generations`, and in `frameworks` the figures by framework, then by contestant,
 *   then by number of live tokens
 */
export async function measureHttp({ plan, setting, problem }) {
  const { generations } = plan.http
  let frameworks
  for (let generation = 0; generation < generations; generation++) {
    const live = generation === 0 ? plan.http.live : [LIVE]
    frameworks = joined(frameworks, await measureGeneration(live, plan.http, setting, problem))
  }
  return { generations, frameworks }
}

async function measureGeneration(live, plan, setting, problem) {
  const { rounds, warmUp, turns, blockTime, newTokens, warmUpRequests, warmUpNewTokens } = plan
  const tokens = new TokenFiles(setting.tokens)
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
    const verification = (mode) => verificationBlock(framework, mode)
    const known = (list, count) => list.map((server) => knownBlock(server, count))
    return [
      ...live.flatMap((count) => known(all, count)),
      verification(KNOWN),
      ...repeated([...known(compared, LIVE), verification(KNOWN)], turns.known - 1),
      ...repeated([...all.map(newBlock), verification(NEW)], turns.new),
    ]
  })
  const verifier = await startCalls(VERIFICATION, setting, problem)
  // The warm-up caches every live token, lets V8 compile the code, and shows how many requests fill a block.
  for (const server of servers) {
    await block(server, inTurn(Math.max(most, 4 * warmUpRequests), { live: most }), [])
    const { cpu } = await block(server, inTurn(warmUpRequests, { live: LIVE }), [])
    server.requests = Math.min(10_000, Math.max(32, Math.round((blockTime * 1000) / cpu)))
  }

  function verificationBlock(framework, mode) {
    const run = { set: 'good', count: plan.verifications, warmUp: plan.verifications, live: LIVE }
    return {
      name: `${framework} | ${VERIFICATION} | ${mode}`,
      async run() {
        const { cpu, user } = await verifier.ask('run', run)
        return { cpu, user }
      },
    }
  }

  function knownBlock(server, count) {
    return {
      name: `${server.framework} | ${server.name} | ${count} live`,
      run() {
        const before = inTurn(warmUpRequests, { live: count })
        return block(server, atRandom(server.requests, count, server.times++), before)
      },
    }
  }

  function newBlock(server) {
    return {
      name: `${server.framework} | ${server.name} | ${NEW}`,
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
    const { cpu, user } = await process.ask('end')
    client.close()
    if (wrong > 0) problem(`${name} on ${framework} refused ${wrong} good tokens`)
    return {
      cpu: cpu / authorizations.length,
      user: user / authorizations.length,
      perSecond: (authorizations.length / wall) * 1e6,
      ...percentiles(latencies),
    }
  }

  const figures = await interleave(blocks, { rounds, warmUp })
  for (const { process } of [...servers, { process: verifier }]) await process.stop()
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
