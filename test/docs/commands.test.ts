import { expect, it } from 'vitest'
import { checkCommand } from '../../packages/cli/src/check.js'
import { checkManifestCommand } from '../../packages/cli/src/check-manifest.js'
import { doctorCommand } from '../../packages/cli/src/doctor.js'
import { envCommand } from '../../packages/cli/src/env.js'
import { explainCommand } from '../../packages/cli/src/explain.js'
import { keygenCommand } from '../../packages/cli/src/keygen.js'
import { runCommand } from '../../packages/cli/src/run.js'
import { scopesCommand } from '../../packages/cli/src/scopes.js'
import { serveCommand } from '../../packages/cli/src/serve.js'
import { tokenCommand } from '../../packages/cli/src/token.js'
import { read, TEXTS } from './blocks.js'
import { rowsOf } from './table.js'

const COMMANDS = [
  ...[checkCommand, checkManifestCommand, doctorCommand, envCommand, explainCommand, keygenCommand],
  ...[runCommand, scopesCommand, serveCommand, tokenCommand],
].map((make) => make())
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))

/** Every line and every code span of the texts, with its file. */
const LINES = TEXTS.flatMap((file) =>
  read(file)
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => [line, ...[...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)])
    .map((line) => ({ file, line })),
)

/** The options of a subcommand; undefined if there is none of this name. */
const optionsOf = (name = '') => COMMANDS.find((one) => one.name() === name)?.options.map(({ long }) => long)

/** The calls of a command in the texts, each with its first argument and its options. */
function callsOf(command: RegExp) {
  return LINES.flatMap(({ file, line }) =>
    [...line.matchAll(command)].map(([call, first = '']) => {
      const [own = ''] = call.slice(call.indexOf(first)).split(/ -- | \| |\)"|`| #/)
      return { file, first, options: [...own.matchAll(/ (--[a-z-]+)/g)].map(([, option = '']) => option) }
    }),
  )
}

it('every `portvakt` command in the documentation names an existing subcommand and existing options', () => {
  // The command is in a string. A release replaces the command with its package's name, whose slash would end
  // a regular expression literal.
  const calls = callsOf(new RegExp(`${'npx --no-install portvakt '}([a-z-]+).*`, 'g'))
  expect(calls.length).toBeGreaterThan(20)
  for (const { file, first, options } of calls)
    expect(optionsOf(first), `${file}: portvakt ${first}`).toEqual(expect.arrayContaining(options))
})

it('the README of @portvakt/cli lists every subcommand, with only existing options', () => {
  const rows = rowsOf(read('packages/cli/README.md'), 'command')
  const nameIn = (cell: string) => /^`([a-z-]+)/.exec(cell)?.[1]
  expect(rows.map(([cell = '']) => nameIn(cell)).sort()).toEqual(COMMANDS.map((one) => one.name()).sort())
  for (const [cell = '', text = ''] of rows) {
    const options = `${cell} ${text}`.match(/--[a-z][a-z-]+/g) ?? []
    expect(optionsOf(nameIn(cell)), cell).toEqual(expect.arrayContaining(options))
  }
})

it('every pnpm command in the documentation is a script of the repository or a known pnpm command', () => {
  const calls = callsOf(/npx -y pnpm@12 (?:run )?([a-z:-]+).*/g).filter(({ first }) => first !== '--filter')
  expect(calls.length).toBeGreaterThan(20)
  const known = [...Object.keys(scripts), 'install', 'changeset', 'vitest']
  for (const { file, first } of calls) expect(known, file).toContain(first)
})
