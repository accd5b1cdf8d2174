import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** The dependencies of these projects, without Portvakt. */
const TOOLS = ['express', 'jest', 'supertest', 'vitest']

/**
 * Copies the projects of this folder to a temporary folder, with Portvakt's built packages as files in
 * `node_modules`. Test runners treat such files differently from the links of a workspace.
 */
export function installedProjects(): { readonly folder: string; remove(): void } {
  // On macOS the temporary folder is a link, and Jest compares real paths.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'portvakt-setup-'))
  cpSync(join(ROOT, 'test/release/runners'), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  })
  const install = (from: string, name: string) => {
    const to = join(folder, 'node_modules', name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(realpathSync(from), to)
  }
  for (const name of TOOLS) install(join(ROOT, 'test/release/node_modules', name), name)
  for (const name of ['core', 'express', 'mock']) {
    const from = join(ROOT, 'packages', name)
    cpSync(from, join(folder, 'node_modules/@portvakt', name), {
      recursive: true,
      filter: (path) => !/[\\/](node_modules|src|test)$/.test(path),
    })
  }
  const dependencies = join(ROOT, 'packages/mock/node_modules')
  for (const name of readdirSync(dependencies).filter((name) => /^[a-z]/.test(name)))
    install(join(dependencies, name), name)
  install(join(dependencies, '@hono/node-server'), '@hono/node-server')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
