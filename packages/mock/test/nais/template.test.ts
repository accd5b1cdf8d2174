import { expect, it, test } from 'vitest'
import { ManifestError } from '../../src/index.js'
import { renderTemplate } from '../../src/nais/template.js'

const render = (text: string, variables: Record<string, unknown> = {}) =>
  renderTemplate(text, 'nais.yaml', variables)

it('a text without a template stays as it is', () => {
  expect(render('a: 1\n')).toMatchObject({ text: 'a: 1\n' })
})

test.each<[string, string, Record<string, unknown>, string]>([
  ['a value', 'a: {{a}}\n', { a: 'x' }, 'a: x\n'],
  ['a value within a value', 'a: {{ a.b }}', { a: { b: 1 } }, 'a: 1'],
  ['false and zero', '{{a}} {{b}}', { a: false, b: 0 }, 'false 0'],
  [
    'a list',
    'l:\n  {{#each l as |u|}}\n  - {{u}}\n  {{/each}}\nz: 1\n',
    { l: ['a', 'b'] },
    'l:\n  - a\n  - b\nz: 1\n',
  ],
  ['a list by itself', '{{#each l}}{{this}}{{@index}} {{/each}}', { l: ['a', 'b'] }, 'a0 b1 '],
  ['a condition', '{{#if a}}\nx: 1\n{{else}}\ny: 2\n{{/if}}\n', { a: true }, 'x: 1\n'],
  ['a condition about what is not there', '{{#if a}}\nx: 1\n{{else}}\ny: 2\n{{/if}}\n', {}, 'y: 2\n'],
  ['what NAIS’s engine escapes, and no more', '{{a}}', { a: `<&'">=\`` }, '&lt;&amp;&apos;&quot;&gt;=`'],
  ['a text of Windows', 'a: {{a}}\r\nb: 1\r\n', { a: 'x' }, 'a: x\r\nb: 1\r\n'],
  [
    'a text with every break of a line',
    'a: {{a}}\nb: "\u2028\u2029"\nc: 1',
    { a: 'x\ry' },
    'a: x\ry\nb: "\u2028\u2029"\nc: 1',
  ],
  ['what is not to be escaped', '{{{a}}}', { a: `<&'">` }, `<&'">`],
])('%s is filled in', (_title, text, variables, rendered) => {
  expect(render(text, variables).text).toBe(rendered)
})

test.each<[string, string, Record<string, unknown>, string[]]>([
  ['a name', 'a: 1\nb: {{b}}\n', {}, ['2 {{b}}']],
  ['a member', '\n\na: {{a.b}}', { a: {} }, ['3 {{a.b}}']],
  ['nothing', 'a: {{a}}', { a: null }, ['1 {{a}}']],
  ['several', 'a: {{a}}\nb: {{b}} {{c}}', { b: 1 }, ['1 {{a}}', '2 {{c}}']],
  ['one in a list', '{{#each l}}\n- {{x}}\n{{/each}}', { l: [{ x: 1 }, {}] }, ['2 {{x}}']],
  ['what objects inherit', 'a: {{toString}}', {}, ['1 {{toString}}']],
])('a variable without a value names its line: %s', (_title, text, variables, expected) => {
  let thrown: unknown
  try {
    render(text, variables)
  } catch (error) {
    thrown = error
  }
  if (!(thrown instanceof ManifestError)) throw thrown
  expect(thrown.problems.map(({ line, message }) => `${line} ${message.split(' ')[0]}`)).toEqual(expected)
})

it('a template that is none names its line', () => {
  expect(() => render('a: 1\nb: {{#if}\n')).toThrow('nais.yaml:2: is not a template')
})

test.each([
  ['a helper', 'a: 1\nb: {{upper b}}\n', 'nais.yaml:2: the helper upper does not exist'],
  ['a partial', '{{> other}}', 'nais.yaml: cannot be filled in: use variables'],
])('%s that is not there is a mistake', (_title, text, message) => {
  expect(() => render(text)).toThrow(ManifestError)
  expect(() => render(text)).toThrow(message)
})

it('lines are those of the file, whatever a template added or took away', () => {
  const { text, lineInFile } = render(
    'a\n{{#each l}}\n- {{this}}\n{{/each}}\nb\n{{#if no}}\nc\n{{/if}}\nd\n{{v}}\ne',
    {
      l: [1, 2, 3],
      v: 'x\ny',
    },
  )
  expect(text.split('\n').map((line, index) => `${line}:${lineInFile(index + 1)}`)).toEqual([
    'a:1',
    '- 1:3',
    '- 2:3',
    '- 3:3',
    'b:5',
    'd:9',
    'x:10',
    'y:10',
    'e:11',
  ])
})
