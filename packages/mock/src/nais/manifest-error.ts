/** A problem or a warning in a manifest, and its place. */
export interface ManifestProblem {
  /** The file name, as given in the call. */
  readonly file: string
  /** Counted from 1; undefined if unknown. */
  readonly line: number | undefined
  /** For example `spec.maskinporten.scopes.exposes[0].name`; empty for the document itself. */
  readonly path: string
  readonly message: string
}

/**
 * Invalid manifests. Nothing in the call was provisioned.
 *
 * @example
 * try {
 *   await mock.provision('nais.yaml')
 * } catch (error) {
 *   if (error instanceof ManifestError) for (const { line, message } of error.problems) console.error(line, message)
 * }
 */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
  /** Every problem, file by file and line by line. */
  readonly problems: readonly ManifestProblem[]

  constructor(problems: readonly ManifestProblem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.problems = Object.freeze([...problems])
  }
}

/** An error about a whole file, or about one line of it. */
export const fileError = (file: string | URL, message: string, line?: number): ManifestError =>
  new ManifestError([{ file: String(file), line, path: '', message }])

export function describeProblem({ file, line, path, message }: ManifestProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return `${place}: ${path === '' ? '' : `${path} `}${message}`
}
