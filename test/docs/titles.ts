import ts from 'typescript5'
import { read } from './blocks.js'

/** A case in a test file. */
export interface Title {
  /** The titles of its suites and its own, joined by ` > `, as they stand in the source. */
  readonly path: string
  readonly isSkipped: boolean
}

const FUNCTIONS = new Set(['describe', 'it', 'test'])
/** `fails` turns a case into its opposite. `skipIf` and `runIf` depend on the runtime, and are accepted. */
const SKIPPED = new Set(['skip', 'todo', 'fails'])

/** `describe.skipIf(x).each(rows)` is `describe`, `skipIf`, `each`. */
function namesIn(expression: ts.Expression): readonly string[] {
  if (ts.isIdentifier(expression)) return [expression.text]
  if (ts.isPropertyAccessExpression(expression))
    return [...namesIn(expression.expression), expression.name.text]
  return ts.isCallExpression(expression) ? namesIn(expression.expression) : []
}

const isText = (node: ts.Node | undefined): node is ts.StringLiteralLike | ts.TemplateExpression =>
  node !== undefined && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))

const parse = (file: string) => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true)
/** A placeholder of a template is `%s`, as it is where `each` fills it in. */
const textOf = (node: ts.Node) =>
  node
    .getText()
    .slice(1, -1)
    .replace(/\$\{[^}]*\}/g, '%s')

/** Every case and suite of a test file. */
export function titlesIn(file: string): readonly Title[] {
  const titles: Title[] = []
  const visit = (node: ts.Node, suites: readonly string[], isSkipped: boolean): void => {
    if (ts.isCallExpression(node) && isText(node.arguments[0])) {
      const [root = '', ...modifiers] = namesIn(node.expression)
      if (FUNCTIONS.has(root)) {
        const path = [...suites, textOf(node.arguments[0])]
        const isOff = isSkipped || modifiers.some((name) => SKIPPED.has(name))
        titles.push({ path: path.join(' > '), isSkipped: isOff })
        ts.forEachChild(node, (child) => visit(child, path, isOff))
        return
      }
    }
    ts.forEachChild(node, (child) => visit(child, suites, isSkipped))
  }
  visit(parse(file), [], false)
  return titles
}

/** Every text in a table of cases, whose titles are data. */
export function textsIn(file: string): readonly string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (isText(node)) texts.push(textOf(node))
    ts.forEachChild(node, visit)
  }
  visit(parse(file))
  return texts
}
