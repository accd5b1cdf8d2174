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
const FOR_TESTS = [
  ['the command portvakt, with the mock', 'core', 'mock', 'client', 'cli'],
  ['only the mock', 'core', 'mock'],
]
const FOR_THE_APPLICATION = [
  ...ADAPTERS.map(({ title, name }) => [title, 'core', name]),
  ['without a framework', 'core'],
  ['the client', 'core', 'client'],
]
const quoted = (path) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
function print(flag, lines) {
  for (const [title, ...names] of lines)
    console.log(
      `# ${title}\nnpm install ${[flag, ...names.map((name) => quoted(tarballs[name]))].join(' ')}\n`,
    )
}

console.log(`Packed ${Object.keys(tarballs).length} packages into ${FOLDER}.\n`)
console.log('In your own project, first install one of these, to try and test your application:\n')
print('--save-dev', FOR_TESTS)
// Without this flag, npm leaves a package in `devDependencies`.
console.log('Then install the packages that your application imports:\n')
print('--save-prod', FOR_THE_APPLICATION)
