/** A case that shows a promise. */
export interface Case {
  /** A test file, or a table of cases that a test file runs. */
  readonly file: string
  /**
   * The title, or a part of `suite > title`, as it stands in the source, with `%s` for a
   * placeholder of a template. In a table: the whole title.
   */
  readonly title: string
}

/** A sentence, clause or table row exactly as its text has it, and the cases that show that it is true. */
export interface Promised {
  readonly sentence: string
  readonly cases: readonly Case[]
}

export const promised = (sentence: string, ...cases: readonly (readonly Case[])[]): Promised => ({
  sentence,
  cases: cases.flat(),
})

/** Cases of one file. */
export const at = (file: string, ...titles: readonly string[]): readonly Case[] =>
  titles.map((title) => ({ file, title }))

const inside =
  (folder: string, end: string) =>
  (name: string, ...titles: readonly string[]) =>
    at(`${folder}/${name}${end}`, ...titles)

export const core = inside('packages/core/test', '.test.ts')
export const client = inside('packages/client/test', '.test.ts')
export const faults = inside('test/faults', '.test.ts')
export const security = inside('test/security', '.test.ts')
export const packaging = inside('test/packaging', '.case.ts')
/** Tables, which `test/security` and `test/conformance` run on every host. */
export const attack = inside('test/security/attacks', '.ts')
export const control = inside('test/security', '.ts')
export const conformance = inside('test/conformance/cases', '.ts')

/** Copies, clones and log lines of a verified token. */
export const COPIES: readonly (readonly Case[])[] = [
  core('claims/read-claims', 'shows neither personal data, consents nor other claims to %s'),
  security('loggers', 'a verified token shows no personal data, consents or claims > to pino, %s'),
  security('loggers', 'a verified token shows no personal data, consents or claims > to winston with'),
  security('loggers', 'a verified token shows no personal data, consents or claims > to %s'),
  security('loggers', 'Fastify’s own logger shows none of them on a guarded route'),
  security('leaks', 'K10 a verified token shows no person and nothing of itself when it is logged'),
]
