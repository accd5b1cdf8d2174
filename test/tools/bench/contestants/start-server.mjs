import { startProcess } from '../../processes.mjs'
import { Client } from '../client.mjs'
import { inTurn } from '../tokens.mjs'
import { UNGUARDED } from './servers.mjs'

const SCRIPT = new URL('server-process.mjs', import.meta.url)

export const isSuccess = (status) => status === 200
const isRefusal = (status) => status >= 400 && status < 500

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
