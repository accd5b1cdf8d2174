import { lstat, open, rename, rm } from 'node:fs/promises'
import { safeCause } from '@portvakt/core/internal'
import { nameOf } from './files.js'
import { printed } from './output.js'

/** A file to write, or `-` for standard output. */
export interface KeyFile {
  readonly file: string
  readonly text: string
  /** The permissions of the file. Windows ignores them. */
  readonly mode: number
}

/**
 * Writes all files, or none if a write fails. Text for standard output is written last: if that fails too, the
 * files are as they were before.
 *
 * @param replaces whether existing files are replaced
 * @throws {TypeError} naming the file, without quoting its content
 */
export async function writeKeyFiles(files: readonly KeyFile[], replaces: boolean): Promise<void> {
  const named = files.filter(({ file }) => file !== '-')
  if (!replaces) await refuseExisting(named.map(({ file }) => file))
  const moved: string[] = []
  const created: string[] = []
  let current = ''
  try {
    for (const { file } of replaces ? named : []) {
      current = file
      if (await moveAside(file)) moved.push(file)
    }
    for (const { file, text, mode } of named) {
      current = file
      // `wx` fails if the path exists, so it neither overwrites a file nor follows a link.
      const handle = await open(file, 'wx', mode)
      created.push(file)
      await handle.writeFile(text).finally(() => handle.close())
    }
    current = 'standard output'
    for (const { file, text } of files) if (file === '-') await printed(text)
  } catch (error) {
    for (const file of created) await rm(file, { force: true })
    for (const file of moved) await rename(asideOf(file), file)
    const { code } = safeCause(error)
    const isExisting = code === 'EEXIST' && !replaces
    throw new TypeError(isExisting ? existing(current) : `${nameOf(current)}: cannot be written (${code})`)
  }
  for (const file of moved) await rm(asideOf(file), { force: true })
}

/** Where an old file is kept until every new one is written. */
const asideOf = (file: string) => `${file}.${process.pid}.old`

/** Returns false if nothing exists at the path. Moves a link itself, not its target. */
async function moveAside(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined)
  if (!found) return false
  // A directory or a device could be moved too, but is not a key to replace.
  if (!found.isFile() && !found.isSymbolicLink())
    throw Object.assign(new Error(), { code: found.isDirectory() ? 'EISDIR' : 'ENOTSUP' })
  await rename(file, asideOf(file))
  return true
}

/** @throws {TypeError} if one of the files exists, even as a link to a missing file */
export async function refuseExisting(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await lstat(file).catch(() => undefined)
    if (found) throw new TypeError(existing(file))
  }
}

const existing = (file: string) =>
  `${nameOf(file)}: exists already. Name another file, or replace it with --force: a replaced private key is lost`
