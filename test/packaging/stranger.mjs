// @ts-check
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** No corepack and no pnpm. npm starts scripts with sh, and the README calls with curl. */
const COMMANDS = ['node', 'npm', 'npx', 'git', 'sh', 'curl']

/** How the machine reaches the registry, and who owns the repository that is cloned, are the machine's. */
const OF_THE_MACHINE = /^((https?|no)_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|sudo_uid|tmpdir|lang)$/i

/**
 * Gives this process, and so whatever it starts, what a new machine has, and nothing of this one's: an empty home,
 * and those commands alone.
 *
 * @param {string} folder an empty one, for both
 */
export function becomeStranger(folder) {
  const bin = join(folder, 'bin')
  const home = join(folder, 'home')
  for (const one of [bin, home]) mkdirSync(one)
  for (const command of COMMANDS) {
    const found = execFileSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim()
    symlinkSync(command === 'node' ? process.execPath : found, join(bin, command))
  }
  for (const name of Object.keys(process.env)) if (!OF_THE_MACHINE.test(name)) delete process.env[name]
  Object.assign(process.env, { PATH: bin, HOME: home })
}
