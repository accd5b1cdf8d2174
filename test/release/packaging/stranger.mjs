// @ts-check
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The only available commands, without corepack and pnpm. npm needs sh for scripts, and the README uses curl.
 */
const COMMANDS = ['node', 'npm', 'npx', 'git', 'sh', 'curl']

/** Variables to keep: settings of this machine, such as its proxy, certificates and language. */
const OF_THE_MACHINE = /^((https?|no)_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|sudo_uid|tmpdir|lang)$/i

/**
 * Gives this process and its children the environment of a new machine: an empty home, and only the commands
 * in `COMMANDS`.
 *
 * @param {string} folder an empty folder, for the home and the commands
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
