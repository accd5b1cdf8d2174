// @ts-check
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

/**
 * Builds every package of a checkout and packs it into a folder. Deletes earlier output first, because output
 * of a removed or renamed source file would be packed as well.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {Readonly<Record<string, string>>} the path of each package's tarball, by the name of the
 *   package's folder
 */
export function packAll(root, folder) {
  const names = readdirSync(join(root, 'packages'))
  for (const name of names) rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true })
  run(root, 'npx', '-y', 'pnpm@12', 'build', '--force')
  run(root, 'npx', '-y', 'pnpm@12', '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder)
  const files = readdirSync(folder)
  const tarballs = names.map((name) => {
    const file = files.find((one) => one.startsWith(`portvakt-${name}-`))
    if (!file) throw new Error(`${name} was not packed`)
    return [name, join(folder, file)]
  })
  return Object.fromEntries(tarballs)
}
