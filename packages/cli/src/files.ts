import { readFile } from 'node:fs/promises'
import { safeCause } from '@portvakt/core/internal'

/** @throws {TypeError} naming the file and the system's code */
export function readTextFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new TypeError(`${file}: cannot be read (${safeCause(error).code})`)
  })
}

/** @throws {TypeError} without the parser's message, which quotes the text */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readTextFile(file)
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError(`${file}: is not JSON`)
  }
}
