import { expect, it } from 'vitest'
import { ManifestError } from '../../src/index.js'
import { renderTemplate } from '../../src/nais/template.js'

const EACH = '{{#each l as |u|}}\n  - {{u}}\n  {{/each}}\n'
const BREAKS = '\nb: "\u2028\u2029"\nc: 1'
const render = (text: string, variables: Record<string, unknown> = {}) =>
  renderTemplate(text, 'nais.yaml', variables)

it.each<[string, string, Record<string, unknown>, string]>([
  ['a value', 'a: {{a}}\n', { a: 'x' }, 'a: x\n'],
  ['a member of a value', 'a: {{ a.b }}', { a: { b: 1 } }, 'a: 1'],
  ['false and zero', '{{a}} {{b}}', { a: false, b: 0 }, 'false 0'],
  ['a named list', `l:\n  ${EACH}z: 1\n`, { l: ['a', 'b'] }, 'l:\n  - a\n  - b\nz: 1\n'],
  ['a list with `this`', '{{#each l}}{{this}}{{@index}} {{/each}}', { l: ['a', 'b'] }, 'a0 b1 '],
  ['a condition', '{{#if a}}\nx: 1\n{{else}}\ny: 2\n{{/if}}\n', { a: true }, 'x: 1\n'],
  ['a condition of a missing value', '{{#if a}}\nx: 1\n{{else}}\ny: 2\n{{/if}}\n', {}, 'y: 2\n'],
  ['a missing list with `else`', '{{#each l}}\nx: 1\n{{else}}\ny: 2\n{{/each}}\n', {}, 'y: 2\n'],
  ['an empty list', '{{#each l}}\nx: 1\n{{/each}}\ny: 2\n', { l: [] }, 'y: 2\n'],
  ['a value that NAIS’s engine escapes', '{{a}}', { a: `<&'">=\`` }, '&lt;&amp;&apos;&quot;&gt;=`'],
  ['text with the line breaks of Windows', 'a: {{a}}\r\nb: 1\r\n', { a: 'x' }, 'a: x\r\nb: 1\r\n'],
  ['text with every kind of line break', `a: {{a}}${BREAKS}`, { a: 'x\ry' }, `a: x\ry${BREAKS}`],
  ['an unescaped value', '{{{a}}}', { a: `<&'">` }, `<&'">`],
])('a template with %s is filled in', (_title, text, variables, rendered) => {
  expect(render(text, variables).text).toBe(rendered)
})

it.each<[string, string, Record<string, unknown>, string[]]>([
  ['a variable', 'a: 1\nb: {{b}}\n', {}, ['2: {{b}}']],
  ['a member of a value', '\n\na: {{a.b}}', { a: {} }, ['3: {{a.b}}']],
  ['a value that is null', 'a: {{a}}', { a: null }, ['1: {{a}}']],
  ['several values', 'a: {{a}}\nb: {{b}} {{c}}', { b: 1 }, ['1: {{a}}', '2: {{c}}']],
  ['a value in a list', '{{#each l}}\n- {{x}}\n{{/each}}', { l: [{ x: 1 }, {}] }, ['2: {{x}}']],
  ['a list', 'a: 1\n{{#each l}}\n- {{this}}\n{{/each}}', {}, ['2: {{l}}']],
  ['an inherited member', 'a: {{toString}}', {}, ['1: {{toString}}']],
])('each missing template value is reported with its line (%s)', (_title, text, variables, missing) => {
  const fix = 'give it one in `vars` (on the command line, with --var or --vars)'
  const problems = missing.map((place) => `nais.yaml:${place} has no value: ${fix}`)
  const error = { name: 'ManifestError', message: problems.join('\n') }
  expect(() => render(text, variables)).toThrow(expect.objectContaining(error))
})

it.each([
  ['mismatched braces', 'a: 1\nb: {{#if}\n', 'nais.yaml:2: is not a template'],
  ['an unknown helper', 'a: 1\nb: {{upper b}}\n', 'nais.yaml:2: the helper upper does not exist'],
  ['a partial', '{{> other}}', 'nais.yaml: cannot be filled in: use variables'],
])('a template with %s is refused', (_title, text, message) => {
  expect(() => render(text)).toThrow(ManifestError)
  expect(() => render(text)).toThrow(message)
})

it('`lineInFile` maps each line of the filled-in text to its line in the file', () => {
  const template = 'a\n{{#each l}}\n- {{this}}\n{{/each}}\nb\n{{#if no}}\nc\n{{/if}}\nd\n{{v}}\ne'
  const { text, lineInFile } = render(template, { l: [1, 2, 3], v: 'x\ny' })
  expect(text.split('\n').map((line, index) => `${line}:${lineInFile(index + 1)}`)).toEqual([
    ...['a:1', '- 1:3', '- 2:3', '- 3:3', 'b:5', 'd:9', 'x:10', 'y:10', 'e:11'],
  ])
})
