import Handlebars from 'handlebars'
import { ManifestError, type ManifestProblem } from './manifest-error.js'

/** A manifest after templating, with the way back to the lines of the file. */
export interface RenderedTemplate {
  readonly text: string
  /** The line of the file that a line of the text comes from; both from 1. */
  lineInFile(line: number): number
}

/**
 * Fills in a template as NAIS does when it deploys, except that a variable without a value is an error here,
 * and there an empty string.
 *
 * @throws {ManifestError} for every variable that has no value, and for an invalid template
 * @see https://docs.nais.io/build/how-to/build-and-deploy/ templating
 */
export function renderTemplate(
  source: string,
  file: string,
  variables: Readonly<Record<string, unknown>>,
): RenderedTemplate {
  if (!source.includes('{{')) return { text: source, lineInFile: (line) => line }
  const problems: ManifestProblem[] = []
  const environment = Handlebars.create()
  environment.registerHelper(VALUE, (value: unknown, line: number, name: string, isEscaped: boolean) => {
    if (value === undefined || value === null)
      problems.push({ file, line, path: '', message: `{{${name}}} has no value: give it one in \`vars\`` })
    const text = String(value)
    return new Handlebars.SafeString(isEscaped ? escapeEntities(text) : text)
  })
  environment.registerHelper('helperMissing', (...given: unknown[]) => {
    const { name, loc } = given.at(-1) as { name: string; loc: hbs.AST.SourceLocation }
    problems.push({ file, line: loc.start.line, path: '', message: `there is no helper ${name} to call` })
  })
  const template = parse(source, file)
  new Instrument().accept(template)
  let rendered: string
  try {
    rendered = environment.compile(template)(variables, OWN_ONLY)
  } catch {
    // For example, a partial or a decorator, which Handlebars has and NAIS does not fill in.
    const message = 'cannot be filled in: use variables, conditions and lists only'
    throw new ManifestError([{ file, line: undefined, path: '', message }])
  }
  if (problems.length > 0) throw new ManifestError(problems)
  return unmark(rendered)
}

/** What objects inherit has no value here. Said outright, as Handlebars otherwise warns on the console. */
const OWN_ONLY = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

function parse(source: string, file: string): hbs.AST.Program {
  try {
    return Handlebars.parse(source)
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('\n') : []
    const line = /line (\d+)/.exec(first)?.[1]
    const problem = { file, line: line === undefined ? undefined : Number(line), path: '' }
    throw new ManifestError([{ ...problem, message: 'is not a template: check the {{ and }} here' }])
  }
}

const VALUE = '@value'

/** Makes every `{{name}}` pass its line to the helper, and marks every line break with its line. */
class Instrument extends Handlebars.Visitor {
  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    const { path, loc } = node
    if (path.type !== 'PathExpression' || node.params.length > 0) return
    const { original } = path as hbs.AST.PathExpression
    const { line } = loc.start
    node.params = [
      path,
      { type: 'NumberLiteral', value: line, original: line, loc } as hbs.AST.NumberLiteral,
      { type: 'StringLiteral', value: original, original, loc } as hbs.AST.StringLiteral,
      { type: 'BooleanLiteral', value: node.escaped, original: node.escaped, loc } as hbs.AST.BooleanLiteral,
    ]
    node.path = { ...path, original: VALUE, parts: [VALUE], depth: 0, data: false } as hbs.AST.PathExpression
    node.escaped = false
  }

  override ContentStatement(node: hbs.AST.ContentStatement): void {
    const { value, loc } = node
    const original = String(node.original)
    // White space around blocks on lines of their own has been taken away already.
    const before = original.slice(0, original.indexOf(value))
    let line = loc.start.line + before.split('\n').length - 1
    node.value = value.replaceAll('\n', () => `${MARK}${line++}${MARK}\n`)
  }
}

/** From Unicode's private use area: in no manifest. */
const MARK = '\uE000'

function unmark(rendered: string): RenderedTemplate {
  const lines = rendered
    .split('\n')
    .map((line) => new RegExp(`^(.*?)(?:${MARK}(\\d+)${MARK})?$`, 's').exec(line))
  const sources = lines.map((match) => match?.[2])
  return {
    text: lines.map((match) => match?.[1]).join('\n'),
    lineInFile(line) {
      // A value of several lines has no marks within; the next one tells.
      const next = sources.slice(line - 1).find((source) => source !== undefined)
      return next === undefined ? lastLine(sources) : Number(next)
    },
  }
}

/** The text after the last line break stands on the line after it. */
function lastLine(sources: readonly (string | undefined)[]): number {
  return Number(sources.filter((source) => source !== undefined).at(-1) ?? 0) + 1
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  "'": '&apos;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** What NAIS's own template engine escapes: fewer characters than Handlebars, which would change an `=`. */
function escapeEntities(text: string): string {
  return text.replaceAll(/[&'<>"]/g, (character) => ENTITIES[character] ?? character)
}
