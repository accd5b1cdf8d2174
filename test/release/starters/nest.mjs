// Creates NestJS's starter application and adds the guard to it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../packaging/command.mjs'

/** Exact versions of NestJS's CLI, because the edits depend on the starter's text. */
export const NEST = { 10: '10.4.9', 11: '11.0.24', 12: '12.0.8' }

/** Replaces texts in a file. Throws if one is missing. */
export function edit(folder, file, ...changes) {
  const path = join(folder, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from))
      throw new Error(`${file} has changed: it does not contain ${JSON.stringify(from)}`)
    text = text.replace(from, to)
  }
  writeFileSync(path, text)
}

/**
 * Creates a starter with this version of NestJS's CLI, without installing dependencies. Returns its folder.
 */
export function createStarter(folder, cli) {
  const name = `nest-${cli}`
  const options = ['--skip-git', '--skip-install', '--package-manager', 'npm']
  run(folder, 'npx', '-y', `@nestjs/cli@${cli}`, 'new', name, ...options)
  return join(folder, name)
}

/** Adds the guard as the README of @portvakt/nestjs describes. */
export function addGuard(app) {
  const nest = "from '@nestjs/common';"
  const withImport = (name) => [nest, `${nest}\nimport { ${name} } from '@portvakt/nestjs';`]
  const module = ['imports: []', 'imports: [MaskinportenModule.forRoot()]']
  const route = ['@Get()', "@Get()\n  @RequireMaskinportenScope('portvakt:demo.read')"]
  edit(app, 'src/app.module.ts', withImport('MaskinportenModule'), module)
  edit(app, 'src/app.controller.ts', withImport('RequireMaskinportenScope'), route)
}
