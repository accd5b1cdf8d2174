// @ts-check
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

/**
 * Packs every package of a built checkout into a folder.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {Readonly<Record<string, string>>} the tarballs by the packages' folders
 */
export function packAll(root, folder) {
  run(root, 'npx', '-y', 'pnpm@12', '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder)
  const files = readdirSync(folder)
  const tarballs = readdirSync(join(root, 'packages')).map((name) => {
    const file = files.find((one) => one.startsWith(`portvakt-${name}-`))
    if (!file) throw new Error(`${name} was not packed`)
    return [name, join(folder, file)]
  })
  return Object.fromEntries(tarballs)
}
