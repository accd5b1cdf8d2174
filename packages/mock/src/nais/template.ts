import Handlebars from 'handlebars'
import { fileError, ManifestError, type ManifestProblem } from './manifest-error.js'

/** The text of a manifest after templating, with a mapping to the lines of its file. */
export interface RenderedTemplate {
  readonly text: string
  /** Returns the line in the file, counted from 1. @param line the line in the text, counted from 1 */
  lineInFile(line: number): number
}

/**
 * Fills in a template as NAIS's deploy does. One difference: here a variable without a value is an error;
 * NAIS's deploy inserts an empty string.
 *
 * @throws {ManifestError} for every variable without a value, and for an invalid template
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
  const demand = (value: unknown, line: number, name: string) => {
    if (value === undefined || value === null) problems.push({ file, line, path: '', message: noValue(name) })
    return value
  }
  environment.registerHelper(LIST, demand)
  environment.registerHelper(VALUE, (value: unknown, line: number, name: string, isEscaped: boolean) => {
    const text = String(demand(value, line, name))
    return new Handlebars.SafeString(isEscaped ? escapeEntities(text) : text)
  })
  environment.registerHelper('helperMissing', (...given: unknown[]) => {
    const { name, loc } = given.at(-1) as { name: string; loc: hbs.AST.SourceLocation }
    problems.push({ file, line: loc.start.line, path: '', message: `the helper ${name} does not exist` })
  })
  const template = parse(source, file)
  new Instrument().accept(template)
  let rendered: string
  try {
    rendered = environment.compile(template)(variables, OWN_ONLY)
  } catch {
    // The template has a partial or a decorator, for example, which NAIS does not support.
    throw fileError(file, 'cannot be filled in: use variables, conditions and lists only')
  }
  if (problems.length > 0) throw new ManifestError(problems)
  return unmark(rendered)
}

const noValue = (name: string) =>
  `{{${name}}} has no value: give it one in \`vars\` (on the command line, with --var or --vars)`

/**
 * Makes Handlebars treat inherited members as missing, without the warning that it prints if these options
 * are not set.
 */
const OWN_ONLY = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

function parse(source: string, file: string): hbs.AST.Program {
  try {
    return Handlebars.parse(source)
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('\n') : []
    const line = /line (\d+)/.exec(first)?.[1]
    const message = 'is not a template: check the {{ and }} here'
    throw fileError(file, message, line === undefined ? undefined : Number(line))
  }
}

const VALUE = '@value'
const LIST = '@list'

/** Returns the parts of a call of a helper with the value of an expression, its line number and its name. */
function callOf(helper: string, value: hbs.AST.PathExpression, { loc }: hbs.AST.Node) {
  const { original } = value
  const { line } = loc.start
  const params: hbs.AST.Expression[] = [
    value,
    { type: 'NumberLiteral', value: line, original: line, loc } as hbs.AST.NumberLiteral,
    { type: 'StringLiteral', value: original, original, loc } as hbs.AST.StringLiteral,
  ]
  return { path: { ...value, original: helper, parts: [helper], depth: 0, data: false }, params }
}

const isPath = (node: hbs.AST.Node | undefined): node is hbs.AST.PathExpression =>
  node?.type === 'PathExpression'

/**
 * Makes every `{{name}}` call the helper `@value`, and every `{{#each name}}` without `{{else}}` the helper
 * `@list`, with its line number. Marks every line break with its line number.
 */
class Instrument extends Handlebars.Visitor {
  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    if (!isPath(node.path) || node.params.length > 0) return
    const { escaped: value, loc } = node
    Object.assign(node, callOf(VALUE, node.path, node), { escaped: false })
    node.params.push({ type: 'BooleanLiteral', value, original: value, loc } as hbs.AST.BooleanLiteral)
  }

  override BlockStatement(node: hbs.AST.BlockStatement): void {
    const [list] = node.params
    if (node.path.original === 'each' && isPath(list) && !node.inverse)
      node.params = [
        { type: 'SubExpression', loc: node.loc, ...callOf(LIST, list, node) } as hbs.AST.Expression,
      ]
    super.BlockStatement(node)
  }

  override ContentStatement(node: hbs.AST.ContentStatement): void {
    const { value, loc } = node
    const original = String(node.original)
    // Handlebars has already removed the white space around a block that is on its own line.
    const before = original.slice(0, original.indexOf(value))
    let line = loc.start.line + before.split('\n').length - 1
    node.value = value.replaceAll('\n', () => `${MARK}${line++}${MARK}\n`)
  }
}

/** A character in Unicode's private use area, which manifests do not contain. */
const MARK = '\uE000'

function unmark(rendered: string): RenderedTemplate {
  const lines = rendered
    .split('\n')
    .map((line) => new RegExp(`^(.*?)(?:${MARK}(\\d+)${MARK})?$`, 's').exec(line))
  const sources = lines.map((match) => match?.[2])
  return {
    text: lines.map((match) => match?.[1]).join('\n'),
    lineInFile(line) {
      // The line breaks inside a value have no marks. The next mark after the value has the line number.
      const next = sources.slice(line - 1).find((source) => source !== undefined)
      if (next !== undefined) return Number(next)
      // The text after the last mark is on the line below that mark.
      return Number(sources.findLast((source) => source !== undefined) ?? 0) + 1
    },
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', "'": '&apos;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
}

/** Escapes characters as NAIS's template engine does. Handlebars escapes more characters, such as `=`. */
function escapeEntities(text: string): string {
  return text.replaceAll(/[&'<>"]/g, (character) => ENTITIES[character] ?? character)
}
