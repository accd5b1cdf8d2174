import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { refuseExisting, writeKeyFiles } from './key-files.js'
import { makeKeyPair, PRIVATE_FORMS, type PrivateForm, PUBLIC_FORMS, type PublicForm } from './key-pair.js'
import { CommandLineError, jsonOption, withOptions } from './options.js'
import { note, printJson } from './output.js'
import { shellWord } from './shell-word.js'

interface KeygenOptions {
  readonly private: string
  readonly public: string
  readonly privateForm: PrivateForm
  readonly publicForm: PublicForm
  readonly bits: string
  readonly kid?: string
  readonly force?: true
  readonly json?: true
}

export function keygenCommand(): Command {
  const command = new Command('keygen').description(
    'make the key pair of a client, in two files: one to register at Digdir, and one to keep secret',
  )
  const options = [
    new Option(
      '--private <file>',
      'where the private key goes, with mode 0600; - for standard output',
    ).default('maskinporten-private.jwk'),
    new Option('--public <file>', 'where the public key goes; - for standard output').default(
      'maskinporten-public.jwk',
    ),
    new Option('--private-form <form>', 'JWK, PEM (PKCS#8), or a line for a .env file')
      .choices(Object.keys(PRIVATE_FORMS))
      .default('jwk'),
    new Option('--public-form <form>', 'JWK, a list with the JWK, a JWK set, or PEM')
      .choices(Object.keys(PUBLIC_FORMS))
      .default('jwk'),
    new Option('--bits <number>', 'the size of the key').choices(['2048', '3072', '4096']).default('2048'),
    new Option('--kid <id>', 'the key id (default: a new UUID)'),
    new Option('--force', 'replace existing files'),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: KeygenOptions) => {
    const { private: privateFile, public: publicFile, force = false, kid = randomUUID(), json } = given
    if (privateFile === publicFile || resolve(privateFile) === resolve(publicFile))
      throw new CommandLineError('--private and --public must be different files')
    checkKeyId(kid)
    const isPrinted = privateFile === '-' || publicFile === '-'
    if (json && isPrinted)
      throw new CommandLineError('--json describes the files, so it cannot be combined with `-`')
    // Check for existing files first, because making a key of 4096 bits takes seconds.
    if (!force) await refuseExisting([privateFile, publicFile].filter((file) => file !== '-'))
    const pair = await makeKeyPair(Number(given.bits), kid)
    const files = [
      { file: privateFile, text: PRIVATE_FORMS[given.privateForm](pair), mode: 0o600 },
      { file: publicFile, text: PUBLIC_FORMS[given.publicForm](pair), mode: 0o644 },
    ]
    await writeKeyFiles(files, force)
    if (json) printJson({ kid, bits: Number(given.bits), private: privateFile, public: publicFile })
    else note(nextSteps(given, kid))
  })
}

/**
 * Checks the key id here and not in commander, because commander's errors quote the argument, which could be
 * a key.
 *
 * @see https://docs.digdir.no/docs/idporten/oidc/oidc_func_clientreg
 */
function checkKeyId(text: string): void {
  if (/^[A-Za-z0-9._-]+$/.test(text)) return
  throw new CommandLineError('--kid must be letters, digits, and the characters . _ -')
}

const SELF_SERVICE =
  'https://sjolvbetjening.samarbeid.digdir.no (test: https://sjolvbetjening.test.samarbeid.digdir.no)'

/** Returns a text that names the written files and the next steps. The text does not contain a key. */
function nextSteps(
  { private: privateFile, public: publicFile, privateForm }: KeygenOptions,
  kid: string,
): string {
  const use = {
    jwk: `--key ${shellWord(privateFile)}`,
    pem: `--key ${shellWord(privateFile)} --key-id ${kid}`,
    variable: undefined,
  }[privateForm]
  const lines = [
    `key id       ${kid}`,
    privateFile !== '-' && `private key  ${privateFile} (keep it secret: do not commit it)`,
    publicFile !== '-' && `public key   ${publicFile}`,
    `Register the public key on a client at ${SELF_SERVICE}:`,
    '  it works after about two minutes, for at most a year.',
    use !== undefined &&
      privateFile !== '-' &&
      `Then get a token: portvakt token --environment test --client-id ID ${use} --scope SCOPE`,
  ]
  return lines.filter((line) => line !== false).join('\n')
}
