import type { NaisManifest } from '@portvakt/mock'
import { DEFAULT_PORT, describeProblem, loadManifestReader, refuseProduction } from '@portvakt/mock/internal'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { note } from './output.js'

export interface ManifestOptions {
  readonly nais?: readonly string[]
  readonly vars?: string
  readonly var?: readonly string[]
  readonly organisation?: string
  readonly ungranted?: 'fail' | 'drop'
}

export const readingOptions = () => [
  new Option('--vars <file>', 'values for templates, in YAML or JSON'),
  new Option('--var <name=value...>', 'a value for templates; wins over --vars'),
  organisationOption(
    '--organisation',
    'the organisation that owns the apps of the manifests (default: 889640782, NAV)',
  ),
]

export const organisationOption = (name: string, description: string) =>
  new Option(`${name} <number>`, description).argParser(matching(/^[0-9]{9}$/, `${name} must be nine digits`))

/** Returns a parser whose error, unlike commander's, does not quote the argument: it can identify a person. */
export const matching = (form: RegExp, rule: string) => (text: string) => {
  if (form.test(text)) return text
  throw new CommandLineError(rule)
}

export const manifestOptions = () => [
  new Option('--nais <files...>', 'manifests (nais.yaml) to provision'),
  ...readingOptions(),
  new Option(
    '--ungranted <what>',
    'what to do with a consumed scope that is not granted: fail (default), or drop it, as NAIS does today',
  ).choices(['fail', 'drop']),
]

/**
 * Reads the text of the manifests, so that it can be sent to the process of the mock. Prints warnings about
 * the manifests.
 */
export async function readManifests(options: ManifestOptions): Promise<readonly NaisManifest[]> {
  if (!options.nais?.length && options.vars === undefined && options.var === undefined) return []
  const { readSources, readText, readVariables, warningsOf } = await loadManifestReader()
  const vars = await readVariables({
    vars: options.var ?? [],
    ...(options.vars !== undefined && { varsFile: options.vars }),
  })
  const manifests = await Promise.all(
    (options.nais ?? []).map(async (file) => ({
      file,
      yaml: await readText(file),
      vars,
      ...(options.organisation !== undefined && { organisationNumber: options.organisation }),
      ...(options.ungranted !== undefined && { ungranted: options.ungranted }),
    })),
  )
  for (const warning of warningsOf(await readSources(manifests, {})))
    note(`warning: ${describeProblem(warning)}`)
  return manifests
}

export const exposeOption = () =>
  new Option(
    '--expose <scopes...>',
    'scopes of providers without a manifest here, granted to all organisations',
  )

export const jsonOption = () => new Option('--json', 'print JSON, for scripts')

export const urlOption = () =>
  new Option('--url <url>', 'where the mock is')
    .env('PORTVAKT_MOCK_URL')
    .default(`http://127.0.0.1:${DEFAULT_PORT}/`)
    .argParser((text) => {
      // `URL` also parses `localhost:8089`, with localhost as the scheme.
      if (!URL.canParse(text) || !/^https?:/.test(text))
        throw new InvalidArgumentError('It must begin with http:// or https://.')
      return text
    })

export const portOption = () =>
  new Option('--port <number>', 'the port to listen on; 0 for any free one')
    .default(DEFAULT_PORT)
    .argParser((text) => {
      const port = Number(text)
      if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.')
      return port
    })

export function withOptions(command: Command, options: readonly Option[]): Command {
  return options.reduce((extended, option) => extended.addOption(option), command)
}

export const allowProductionOption = () =>
  new Option('--allow-production', 'use a mock also with NODE_ENV=production').default(false)

/** Refuses NODE_ENV=production before a command starts or uses a mock. */
export function refusedInProduction(command: Command): Command {
  return command.addOption(allowProductionOption()).hook('preAction', () => {
    refuseProduction(command.opts()['allowProduction'] === true)
  })
}

/**
 * The error for a wrong command line that commander accepts. The exit code is 2, as for any other wrong
 * command line.
 */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError'
}

/** Rethrows a TypeError, with which Portvakt's packages reject an option, as an error of the command line. */
export function asCommandLineError(error: unknown): never {
  throw error instanceof TypeError ? new CommandLineError(error.message) : error
}
