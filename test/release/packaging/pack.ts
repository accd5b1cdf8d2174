import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { packAll } from './packed.mjs'
import { ROOT } from './project.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of each package's tarball, by the name of the package's folder. */
    readonly tarballs: Readonly<Record<string, string>>
  }
}

/** Packs every package once, for all tests. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'portvakt-packed-'))
  project.provide('tarballs', packAll(ROOT, folder))
  return () => rmSync(folder, { recursive: true, force: true })
}
