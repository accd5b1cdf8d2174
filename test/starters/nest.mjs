/** NestJS's own starter with the guard added, for whoever starts it, builds it or runs its tests. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../packaging/command.mjs'

/** Exact versions of Nest's CLI: what a starter looks like is not to change under these edits. */
export const NEST = { 10: '10.4.9', 11: '11.0.24', 12: '12.0.8' }

/** Replaces texts of a file, each of which has to be there. */
export function edit(folder, file, ...changes) {
  const path = join(folder, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has changed: there is no ${JSON.stringify(from)}`)
    text = text.replace(from, to)
  }
  writeFileSync(path, text)
}

/** Makes the starter of a version of Nest's CLI in a folder, not installed yet. Returns its own folder. */
export function createStarter(folder, cli) {
  const name = `nest-${cli}`
  run(
    folder,
    ...['npx', '-y', `@nestjs/cli@${cli}`, 'new', name],
    ...['--skip-git', '--skip-install', '--package-manager', 'npm'],
  )
  return join(folder, name)
}

/** The guard, added as its README says. */
export function addGuard(app) {
  edit(
    app,
    'src/app.module.ts',
    [
      "import { Module } from '@nestjs/common';",
      "import { Module } from '@nestjs/common';\nimport { MaskinportenModule } from '@portvakt/nestjs';",
    ],
    ['imports: []', 'imports: [MaskinportenModule.forRoot()]'],
  )
  edit(
    app,
    'src/app.controller.ts',
    [
      "from '@nestjs/common';",
      "from '@nestjs/common';\nimport { RequireMaskinportenScope } from '@portvakt/nestjs';",
    ],
    ['@Get()', "@Get()\n  @RequireMaskinportenScope('portvakt:demo.read')"],
  )
}
