import { RunningMock } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { decodeJwt } from 'jose'
import { jsonOption, urlOption } from './options.js'
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
    .requiredOption('--scope <scopes...>', 'what it grants')
  for (const option of [
    new Option('--consumer <number>', 'the organisation that calls'),
    new Option('--supplier <number>', 'who calls on its behalf'),
    new Option('--audience <uris...>', 'the APIs it is restricted to'),
    new Option('--pid <number>', 'the person it is restricted to'),
    new Option('--expires-in <seconds>', 'its life; negative for an expired one').argParser(Number),
    urlOption(),
    jsonOption(),
  ]) {
    command.addOption(option)
  }
  return command.action(async ({ url, json, allowProduction: _isAllowed, ...wanted }: TokenOptions) => {
    const token = await new RunningMock(url).issueToken(wanted)
    // What is piped into another command is the token alone.
    note(`from the mock at ${url} (another: --url, or PORTVAKT_MOCK_URL)`)
    if (json) printJson({ token, claims: decodeJwt(token) })
    else print(token)
  })
}
