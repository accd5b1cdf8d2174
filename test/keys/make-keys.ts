import { generateKeyPair } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Private keys in PEM, by `modulusLength/publicExponent`. */
    rsaKeys: Readonly<Record<string, readonly string[]>>
  }
}

/** No test file uses more than 40 keys of 2048 bits, so the keys in a test file are distinct. */
const WANTED = [
  { modulusLength: 2048, publicExponent: 0x10001, count: 40 },
  { modulusLength: 2048, publicExponent: 3, count: 2 },
  { modulusLength: 1024, publicExponent: 0x10001, count: 2 },
  { modulusLength: 3072, publicExponent: 0x10001, count: 1 },
  { modulusLength: 4096, publicExponent: 0x10001, count: 1 },
]

/** The file with the keys. It is kept between runs, because creating the keys takes seconds. */
const FILE = resolve(process.env['TEST_KEYS'] ?? 'node_modules/.cache/portvakt/test-keys.json')

export default async function setup(project: TestProject): Promise<void> {
  const kept: Record<string, readonly string[]> = existsSync(FILE)
    ? JSON.parse(readFileSync(FILE, 'utf8'))
    : {}
  const enough = WANTED.every((wanted) => (kept[nameOf(wanted)]?.length ?? 0) >= wanted.count)
  project.provide('rsaKeys', enough ? kept : keep(await makeKeys()))
}

function keep<Keys>(keys: Keys): Keys {
  mkdirSync(dirname(FILE), { recursive: true })
  // The file is written under a temporary name and then renamed, because another run can be reading the file.
  writeFileSync(`${FILE}.${process.pid}`, JSON.stringify(keys), { mode: 0o600 })
  renameSync(`${FILE}.${process.pid}`, FILE)
  return keys
}

const nameOf = ({ modulusLength, publicExponent }: (typeof WANTED)[number]) =>
  `${modulusLength}/${publicExponent}`

async function makeKeys(): Promise<Record<string, readonly string[]>> {
  const encoding = { type: 'pkcs8', format: 'pem' } as const
  const made = WANTED.map(async (wanted) => {
    const pairs = Array.from({ length: wanted.count }, () => promisify(generateKeyPair)('rsa', wanted))
    const pems = (await Promise.all(pairs)).map(({ privateKey }) => privateKey.export(encoding).toString())
    return [nameOf(wanted), pems] as const
  })
  return Object.fromEntries(await Promise.all(made))
}
