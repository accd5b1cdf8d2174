import { generateKeyPairSync } from 'node:crypto'
import { startProcess } from '../../processes.mjs'
import { COMMANDS, runCommand } from '../contestants/run-command.mjs'
import { interleave } from '../statistics.mjs'

const CLIENT = new URL('../contestants/client-process.mjs', import.meta.url)
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
  const given = { jwk, issuer: standIn.opened, tokenEndpoint: `${standIn.opened}token` }
  const processes = {
    client: await startProcess(CLIENT, given),
    'a signature and a fetch': await startProcess(CLIENT, { ...given, isBare: true }),
  }
  const blockOf = (name, measurement, operation, input) => ({
    name: `${name} | ${measurement}`,
    async run() {
      const { wrong, ...figures } = await processes[name].ask(operation, input)
      if (wrong > 0) problem(`${name}: ${wrong} tokens are missing`)
      return figures
    },
  })
  const minting = Object.keys(processes).flatMap((name) =>
    [1, 16].map((inFlight) => blockOf(name, `${inFlight} in flight`, 'mint', { count: mints, inFlight })),
  )
  const hitting = blockOf('client', 'cached', 'hit', { count: hits, live: LIVE })
  const tokens = await interleave([...minting, hitting], rounds)
  for (const process of [...Object.values(processes), standIn]) await process.stop()
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
