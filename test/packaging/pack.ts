import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { PACKAGES, ROOT, run } from './project.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The tarball of each package, as it would be published, by the package's folder. */
    readonly tarballs: Readonly<Record<string, string>>
  }
}

/** Packs every package once, for all tests. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'portvakt-packed-'))
  run(ROOT, 'npx', '-y', 'pnpm@12', '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder)
  const files = readdirSync(folder)
  const tarballs = PACKAGES.map((name) => {
    const file = files.find((one) => one.startsWith(`portvakt-${name}-`))
    if (!file) throw new Error(`${name} was not packed`)
    return [name, join(folder, file)] as const
  })
  project.provide('tarballs', Object.fromEntries(tarballs))
  return () => rmSync(folder, { recursive: true, force: true })
}
