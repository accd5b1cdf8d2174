import { readFile } from 'node:fs/promises'
import { safeCause } from '@portvakt/core/internal'

/** @throws {TypeError} naming the file and the system's code */
export function readTextFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new TypeError(`${nameOf(file)}: cannot be read (${safeCause(error).code})`)
  })
}

/**
 * Returns the file's name for an error message. JSON, several lines, or a text of more than 200 characters
 * could be a key or a token, so a general phrase replaces it.
 */
export const nameOf = (file: string) =>
  /^[^{\n]{1,200}$/.test(file) ? file : 'An option must name a file. The file'

/** @throws {TypeError} without the parser's message, which quotes the text */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readTextFile(file)
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError(`${nameOf(file)}: is not JSON`)
  }
}
