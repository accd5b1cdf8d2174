import { lstat, rename, rm, writeFile } from 'node:fs/promises'
import { safeCause } from '@portvakt/core/internal'

/** A file to write, or `-` for standard output. */
export interface KeyFile {
  readonly file: string
  readonly text: string
  /** The permissions of the file. Windows ignores them. */
  readonly mode: number
}

/**
 * Writes all files, or none. Text for standard output is written last, once the files are safe.
 *
 * @param replaces whether existing files are replaced
 * @throws {TypeError} naming the file; never its content
 */
export async function writeKeyFiles(files: readonly KeyFile[], replaces: boolean): Promise<void> {
  const named = files.filter(({ file }) => file !== '-')
  if (!replaces) await refuseExisting(named.map(({ file }) => file))
  const written: string[] = []
  for (const one of named) {
    await (replaces ? replaceFile(one) : createFile(one)).catch(async (error: unknown) => {
      if (!replaces) await Promise.all(written.map((file) => rm(file, { force: true })))
      const code = safeCause(error).code
      throw new TypeError(code === 'EEXIST' ? existing(one.file) : `${one.file}: cannot be written (${code})`)
    })
    written.push(one.file)
  }
  for (const { file, text } of files) if (file === '-') process.stdout.write(text)
}

/** @throws {TypeError} when one of the files exists, also as a link to a missing file */
export async function refuseExisting(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await lstat(file).catch(() => undefined)
    if (found) throw new TypeError(existing(file))
  }
}

const existing = (file: string) =>
  `${file}: exists already. Name another file, or replace it with --force: a replaced private key is lost`

/** `wx` creates the file, and so neither overwrites a file nor follows a link. */
const createFile = ({ file, text, mode }: KeyFile) => writeFile(file, text, { mode, flag: 'wx' })

/** Renames a complete file over the old one: a failed write keeps the old key, and a link is not followed. */
async function replaceFile({ file, text, mode }: KeyFile): Promise<void> {
  const temporary = `${file}.${process.pid}.new`
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
