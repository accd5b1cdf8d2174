/**
 * Packs every package into `tarballs/`, and prints the lines that install the adapters from that folder, for
 * use until the packages are on npm. Run it with `pnpm pack:all`.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADAPTERS } from '../../adapters.mjs'
import { packAll } from './packed.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = join(ROOT, 'tarballs')

// Removes tarballs of earlier versions.
rmSync(FOLDER, { recursive: true, force: true })
const tarballs = packAll(ROOT, FOLDER)

/**
 * The title and the packages of each printed line. Every line names core, because npm would otherwise look
 * for core in the registry.
 */
const FOR = [
  ...ADAPTERS.map(({ title, name }) => [title, 'core', name]),
  ['without a framework', 'core'],
  ['the client', 'core', 'client'],
]
const quoted = (path) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
const line = (flags, names) =>
  `npm install ${[...flags, ...names.map((name) => quoted(tarballs[name]))].join(' ')}`

console.log(`Packed ${Object.keys(tarballs).length} packages into ${FOLDER}.\n`)
console.log('In your own project, install what you need by its line:\n')
for (const [title, ...names] of FOR) console.log(`# ${title}\n${line([], names)}\n`)
console.log('Then install the mock for tests, or the command, which brings mock and client.')
console.log('If your application uses the client, run the line of the client last:\n')
console.log(`# the mock\n${line(['--save-dev'], ['mock'])}\n`)
console.log(`# the command portvakt\n${line(['--save-dev'], ['mock', 'client', 'cli'])}\n`)
// This is a separate line, because --save-dev would move the packages above out of `dependencies`.
console.log('In a project with none of the packages above, for an API in another language:\n')
console.log(`# the command alone\n${line(['--save-dev'], ['core', 'mock', 'client', 'cli'])}`)
