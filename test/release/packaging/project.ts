import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { NEWEST_FRAMEWORKS } from '../../adapters.mjs'
import { PACKAGES, ROOT } from '../../docs/blocks.js'
import { run } from './command.mjs'

export { PACKAGES, ROOT }

/** The packages that applications import: all but the command. */
export const LIBRARIES = PACKAGES.filter((name) => existsSync(join(ROOT, 'packages', name, 'src/index.ts')))

/** The dependencies of applications on the newest version of each framework. */
export const APP_DEPENDENCIES = [...NEWEST_FRAMEWORKS, 'reflect-metadata@0.2', 'rxjs@7', '@types/node@20']

/** A project in a temporary folder. */
export interface Project {
  readonly folder: string
  write(file: string, text: string): void
  run(command: string, ...args: string[]): string
  remove(): void
}

/** Creates a project with these dependencies: `name@version`, or the path of a tarball. */
export function createProject(dependencies: readonly string[]): Project {
  const folder = mkdtempSync(join(tmpdir(), 'portvakt-project-'))
  const project: Project = {
    folder,
    write(file, text) {
      const path = join(folder, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    },
    run: (command, ...args) => run(folder, command, ...args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
  project.write('package.json', '{ "private": true }')
  project.run('npm', 'install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...dependencies)
  return project
}
