/** A problem or a warning in a manifest, with its location. */
export interface ManifestProblem {
  /** The file name, as given in the call. */
  readonly file: string
  /** The line, counted from 1; undefined if it is unknown. */
  readonly line: number | undefined
  /**
   * The path of the member, for example `spec.maskinporten.scopes.exposes[0].name`; empty if the problem
   * concerns the whole document.
   */
  readonly path: string
  readonly message: string
}

/**
 * Thrown if one or more manifests are invalid. Nothing was provisioned.
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
  /** Every problem, ordered by file and line. */
  readonly problems: readonly ManifestProblem[]

  constructor(problems: readonly ManifestProblem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.problems = Object.freeze([...problems])
  }
}

/** Makes an error about a whole file, or about one line of a file. */
export const fileError = (file: string | URL, message: string, line?: number): ManifestError =>
  new ManifestError([{ file: String(file), line, path: '', message }])

export function describeProblem({ file, line, path, message }: ManifestProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return `${place}: ${path === '' ? '' : `${path} `}${message}`
}
