import { generateKeyPairSync } from 'node:crypto'
import { startProcess } from '../../processes.mjs'
import { CLIENT_CALLS } from '../contestants/client-calls.mjs'
import { COMMANDS, runCommand } from '../contestants/run-command.mjs'
import { startCalls } from '../contestants/start-calls.mjs'
import { interleave } from '../statistics.mjs'

const STAND_IN = new URL('../contestants/token-stand-in.mjs', import.meta.url)
const LIVE = 100

/**
 * Measures the client, the least work that gets a token, and the start of commands in new processes.
 *
 * @returns `tokens`, the figures by contestant, then by measurement; and `commands`, the figures by command
 */
export async function measureClient({ plan: { client: plan }, problem }) {
  const { mints, hits, commands, ...rounds } = plan
  const standIn = await startProcess(STAND_IN, {})
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256' }
  const setting = { jwk, issuer: standIn.opened, tokenEndpoint: `${standIn.opened}token` }
  const open = async (name) => ({ name, process: await startCalls(name, setting, problem) })
  const contestants = await Promise.all(Object.keys(CLIENT_CALLS).map(open))
  const blockOf = ({ name, process }, measurement, inputOf) => ({
    name: `${name} | ${measurement}`,
    async run() {
      const { wrong: _reported, ...figures } = await process.ask('run', inputOf())
      return { ...figures, perSecond: 1e6 / figures.wall }
    },
  })
  let minted = 0
  const minting = contestants.flatMap((contestant) =>
    [1, 16].map((inFlight) =>
      blockOf(contestant, `${inFlight} in flight`, () => {
        minted += mints
        return { set: 'minted', from: minted, count: mints, inFlight, isTimed: true }
      }),
    ),
  )
  // The warm-up fills the cache, and lets V8 compile the code.
  const hit = { set: 'cached', count: hits, live: LIVE, warmUp: LIVE + hits / 10 }
  const tokens = await interleave([...minting, blockOf(contestants[0], 'cached', () => hit)], rounds)
  for (const { process } of [...contestants, { process: standIn }]) await process.stop()
  return { tokens, commands: await measureCommands(commands, problem) }
}

function measureCommands(rounds, problem) {
  const blocks = Object.entries(COMMANDS).map(([name, command]) => ({
    name,
    async run() {
      const { code, ...figures } = await runCommand(command)
      if (code !== 0) problem(`${name} ended with ${code}`)
      return figures
    },
  }))
  return interleave(blocks, rounds)
}
