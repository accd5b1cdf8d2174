import { readFile } from 'node:fs/promises'
import { safeCause, takeList, takeOptions } from '@portvakt/core/internal'
import { parse } from 'yaml'
import { GO_YAML } from './go-yaml.js'
import { fileError } from './manifest-error.js'

/** Values for the variables of a template. */
export interface TemplateVariables {
  /**
   * Values by name, or a list of `name=value` as in the `--var` flag of NAIS's deploy. A name without `=` means
   * true.
   */
  readonly vars?: Readonly<Record<string, unknown>> | readonly string[]
  /** A file of values in YAML or JSON, as in the flag `--vars`. Values in `vars` take precedence. */
  readonly varsFile?: string | URL
}

/**
 * @throws {TypeError} for invalid `vars`. @throws {ManifestError} when the content of the file is not an
 * object
 */
export async function readVariables({
  vars = {},
  varsFile,
}: TemplateVariables): Promise<Readonly<Record<string, unknown>>> {
  return { ...(varsFile === undefined ? {} : await readVarsFile(varsFile)), ...takeVariables(vars) }
}

async function readVarsFile(varsFile: string | URL): Promise<object> {
  const text = await readText(varsFile)
  try {
    // JSON is also YAML. NAIS's deploy parses values in the same way as manifests.
    const values: unknown = parse(text, GO_YAML) ?? {}
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values
  } catch {
    // The text is not YAML, which the error below reports.
  }
  throw fileError(varsFile, 'is not an object in YAML or JSON')
}

/** @throws {ManifestError} when the file cannot be read. @throws {TypeError} for a number */
export async function readText(file: string | URL): Promise<string> {
  // `readFile` reads a number as a file descriptor: 0 is the standard input.
  if (typeof file === 'number') throw new TypeError('A file must be a path or a URL')
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(file, `cannot be read (${safeCause(error).code})`)
  })
}

/** @throws {TypeError} unless `vars` is a record or a list of `name=value` */
export function takeVariables(vars: unknown): Readonly<Record<string, unknown>> {
  if (Array.isArray(vars)) {
    return Object.fromEntries(
      takeList(vars, 'vars').map((flag) => {
        if (typeof flag !== 'string' || flag === '')
          throw new TypeError('`vars` as a list must be name=value')
        const [name, ...value] = flag.split('=')
        return [name, value.length === 0 || value.join('=')]
      }),
    )
  }
  if (typeof vars === 'object' && vars !== null) return { ...takeOptions(vars, 'any', '`vars`') }
  throw new TypeError('`vars` must be an object, or a list of name=value')
}
