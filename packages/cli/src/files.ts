import { readFile } from 'node:fs/promises'
import { safeCause } from '@portvakt/core/internal'
import { couldBeSecret } from './without-secrets.js'

/**
 * @param option the option that names the file
 * @throws {TypeError} naming the file and the system's code
 */
export function readTextFile(file: string, option?: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new TypeError(`${nameOf(file, option)}: cannot be read (${safeCause(error).code})`)
  })
}

/** Returns the file's name for an error message, or a general phrase if it could be a key or a token. */
export const nameOf = (file: string, option = 'An option') =>
  file === '' || couldBeSecret(file) ? `${option} must name a file. The file` : file

/** @throws {TypeError} without the parser's message, which quotes the text */
export async function readJsonFile(file: string, option: string): Promise<unknown> {
  const text = await readTextFile(file, option)
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError(`${nameOf(file, option)}: is not JSON`)
  }
}
