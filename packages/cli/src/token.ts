import { RunningMock } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { jsonOption, urlOption, withOptions } from './options.js'
import { note, print, printJson } from './output.js'

interface TokenOptions {
  readonly scope: readonly string[]
  readonly consumer?: string
  readonly supplier?: string
  readonly audience?: readonly string[]
  readonly pid?: string
  readonly expiresIn?: number
  readonly url: string
  readonly allowProduction: boolean
  readonly json?: true
}

export function tokenCommand(): Command {
  const command = new Command('token')
    .description('print a token of the running mock')
    .requiredOption('--scope <scopes...>', 'the scopes that it grants')
  const options = [
    new Option('--consumer <number>', 'the organisation that calls'),
    new Option('--supplier <number>', 'the organisation that calls on its behalf'),
    new Option('--audience <uris...>', 'the APIs it is restricted to'),
    new Option('--pid <number>', 'the person it is restricted to'),
    new Option('--expires-in <seconds>', 'its lifetime; negative for an expired token').argParser(Number),
    urlOption(),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: TokenOptions) => {
    const { url, json, allowProduction: _isAllowed, ...wanted } = given
    const token = await new RunningMock(url).issueToken(wanted)
    note(`from the mock at ${url} (to use another, set --url or PORTVAKT_MOCK_URL)`)
    if (!json) return print(token)
    const { decodeJwt } = await import('jose')
    printJson({ token, claims: decodeJwt(token) })
  })
}
