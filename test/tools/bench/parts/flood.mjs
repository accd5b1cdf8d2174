import { Client } from '../client.mjs'
import { ASYNCHRONOUS, CONTROL, SERVERS } from '../contestants/servers.mjs'
import { isSuccess, openServer } from '../contestants/start-server.mjs'
import { decoyKey, serveKeys } from '../keys.mjs'
import { LARGE, LARGE_KEY } from '../setting.mjs'
import { interleave, percentiles } from '../statistics.mjs'
import { inTurn, TokenFiles } from '../tokens.mjs'

/** The kinds of bad tokens that are sent in addition to valid tokens. */
const FLOODS = {
  'no flood': undefined,
  malformed: 'wrong character',
  'bad signature': 'bad signature',
  [LARGE]: LARGE,
}

/**
 * Measures the effect of bad tokens on valid ones: the event-loop delay, and the latency of valid requests.
 * Both kinds of tokens arrive at a steady rate. The key set also has a key of 8192 bits, which valid tokens
 * do not use.
 *
 * @returns the figures by contestant on Express, then by flood
 */
export async function measureFlood({ plan, setting, problem }) {
  const tokens = new TokenFiles(setting.tokens)
  const { rounds, seconds, badPerSecond, largePerSecond, goodPerSecond } = plan.flood
  const jwks = { keys: [...setting.jwks.keys, decoyKey(LARGE_KEY, 8192)] }
  const keys = await serveKeys(jwks)
  const given = { ...setting, jwks, jwksUri: keys.url }
  const servers = await Promise.all(
    Object.keys(SERVERS.Express)
      .filter((name) => name !== CONTROL && name !== ASYNCHRONOUS)
      .map((name) => openServer({ framework: 'Express', name, setting: given, tokens, problem })),
  )
  const blocks = Object.entries(FLOODS).flatMap(([flood, set]) =>
    servers.map(({ name, process }) => ({
      name: `${name} | ${flood}`,
      async run() {
        const isRefused = (status) => status === (name === 'bare' ? 200 : 401)
        const perSecond = set === LARGE ? largePerSecond : badPerSecond
        const bad = set ? tokens.fresh(set, inTurn(perSecond * seconds, { live: 200 }), 'Bearer ') : []
        const goods = tokens.fresh('good', inTurn(goodPerSecond * seconds, { live: 100 }), 'Bearer ')
        const strangers = await Client.open(process.opened, 32)
        const users = await Client.open(process.opened, 4)
        await process.ask('collect')
        await process.ask('begin', { watch: true })
        const [{ wrong }, run] = await Promise.all([
          strangers.run(bad, isRefused, perSecond),
          users.run(goods, isSuccess, goodPerSecond),
        ])
        const { late, cpu } = await process.ask('end')
        strangers.close()
        users.close()
        if (wrong + run.wrong > 0) problem(`${name} answered wrongly under the flood "${flood}"`)
        const { p50, p99 } = percentiles(run.latencies)
        return {
          cpuShare: cpu / run.wall,
          lateP50: late.p50,
          lateP99: late.p99,
          lateMax: late.max,
          goodP50: p50 / 1000,
          goodP99: p99 / 1000,
        }
      },
    })),
  )
  const figures = await interleave(blocks, { rounds })
  for (const { process } of servers) await process.stop()
  tokens.close()
  keys.close()
  return figures
}
