import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folders of the packages that are published. */
export const PACKAGES: readonly string[] = readdirSync(join(ROOT, 'packages')).sort()

/** Runs a command to its end; throws with what it printed when it fails. */
export function run(cwd: string, command: string, ...args: string[]): string {
  // The test runner's own settings are not those of a stranger's project.
  const {
    NODE_OPTIONS: _options,
    NODE_ENV: _env,
    VITEST: _vitest,
    FORCE_COLOR: _color,
    ...rest
  } = process.env
  const env = { ...rest, NO_COLOR: '1' }
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: 'pipe', timeout: 300_000 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}

/** A stranger's project in a temporary folder. */
export interface Project {
  readonly folder: string
  write(file: string, text: string): void
  run(command: string, ...args: string[]): string
  remove(): void
}

/** Makes a project with these things installed: `name@version`, or the path of a tarball. */
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
