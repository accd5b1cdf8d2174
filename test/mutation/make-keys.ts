import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** PEMs by size and public exponent. */
    rsaKeys: Readonly<Record<string, readonly string[]>>
  }
}

/** Of the usual size more than any test file asks for, so that no two of its keys are the same. */
const WANTED = [
  { modulusLength: 2048, publicExponent: 0x10001, count: 48 },
  { modulusLength: 2048, publicExponent: 3, count: 2 },
  { modulusLength: 1024, publicExponent: 0x10001, count: 2 },
  { modulusLength: 3072, publicExponent: 0x10001, count: 2 },
  { modulusLength: 4096, publicExponent: 0x10001, count: 2 },
]

/** Made once and kept beside the reports, as every run needs them. */
export default function setup(project: TestProject): void {
  const file = process.env['MUTATION_KEYS']
  if (file === undefined)
    throw new TypeError('Begin with test/mutation/run.mjs, which says where keys are kept')
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(makeKeys()))
  project.provide('rsaKeys', JSON.parse(readFileSync(file, 'utf8')))
}

function makeKeys(): Record<string, string[]> {
  const encoding = { type: 'pkcs8', format: 'pem' } as const
  const keysOf = ({ count, ...options }: (typeof WANTED)[number]) =>
    Array.from({ length: count }, () =>
      generateKeyPairSync('rsa', options).privateKey.export(encoding).toString(),
    )
  return Object.fromEntries(
    WANTED.map((wanted) => [`${wanted.modulusLength}/${wanted.publicExponent}`, keysOf(wanted)]),
  )
}
