import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSource } from '../../src/nais/manifest-source.js'
import { readDocuments } from '../../src/nais/yaml-document.js'
import { temporaryDirectory } from '../temporary-directory.js'
import { exposing } from './manifests.js'

function read(text: string): unknown {
  const [document] = readDocuments('a.yaml', { text, lineInFile: (line) => line })
  return document?.value
}

const valued = (texts: string, read: (text: string) => unknown) =>
  texts.split(' ').map((text): [string, unknown] => [text, read(text)])

it.each<[string, unknown]>([
  ...valued('y Y yes Yes YES true True TRUE on On ON', () => true),
  ...valued('n N no No NO false False FALSE off Off OFF', () => false),
  ...valued('tRue yEs nO oN', (text) => text),
  ...valued('~ null', () => null),
  ['', null],
  ...valued('120 0x78 0170 0o170 0b1111000 1_20 120. 120.0 1.2e2', () => 120),
  ['+7', 7],
  ['-0x78', -120],
  ['089', 89],
  ['.5', 0.5],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.Inf', Number.NEGATIVE_INFINITY],
  ['.NaN', Number.NaN],
  ['!!int "7"', 7],
  ['!!float 7', 7],
  ['!!str 7', '7'],
  ['!!timestamp 2024-01-01', '2024-01-01'],
])('the scalar %s is read as %j, as go-yaml 2 reads it', (text, value) => {
  expect(read(`a: ${text}`)).toEqual({ a: value })
})

it.each([
  ...['2:00', '12:30:45', '1:30.5', 'e1', '.', '..', '+.', '._', '_1', '0x', '0b2', '0o8', '1e400', '.e1'],
  ...['2024-01-01', '2024-01-01T10:00:00Z', '1.2.3', '=', '<<'],
])('the scalar %s is read as text, as go-yaml 2 reads it', (text) => {
  expect(read(`- [${JSON.stringify(text)}, ${text}]`)).toEqual([[text, text]])
})

it('a YAML merge overrides earlier members, and later members override merged members', () => {
  expect(read('a: &a { x: 1, z: 1 }\nb: { <<: *a, x: 2 }\nc: { x: 3, <<: *a }')).toEqual({
    a: { x: 1, z: 1 },
    b: { x: 2, z: 1 },
    c: { x: 1, z: 1 },
  })
})

it('a YAML merge of several maps copies each member from the first map that has the member', () => {
  expect(read('- &a { x: 1 }\n- &b { x: 2, z: 2 }\n- { <<: [*a, *b] }\n- { <<: *a, <<: *b }')).toEqual([
    { x: 1 },
    { x: 2, z: 2 },
    { x: 1, z: 2 },
    { x: 2, z: 2 },
  ])
})

it('a YAML merge is refused if its value is a number or it grows exponentially', () => {
  expect(() => read('a: { <<: 1 }')).toThrow(/is not YAML: .*`<<` that is not a map/)
  const lines = Array.from({ length: 12 }, (_line, index) => {
    const merged = Array(10).fill(`*a${index}`).join(', ')
    return `a${index + 1}: &a${index + 1} { <<: [${merged}] }`
  })
  expect(() => read(`a0: &a0 { x: 1 }\n${lines.join('\n')}`)).toThrow(/too many aliases/)
})

it('a YAML merge of a map with the key `__proto__` does not set a prototype', () => {
  const value = read('- &a { __proto__: { x: 1 } }\n- { <<: *a }') as object[]
  expect(value.map((one) => Object.getPrototypeOf(one) === Object.prototype)).toEqual([true, true])
})

it('a duplicate key in YAML is refused, and the error names the line', () => {
  expect(() => read('a: 1\na: 2')).toThrow('a.yaml:2: has the same key twice')
})

const directory = await temporaryDirectory()
it('template variables from a file are read as go-yaml 2 reads them', async () => {
  const varsFile = join(directory, 'vars.yaml')
  await writeFile(varsFile, 'age: 0170\nname: 2:00\nflag: off\n')
  const yaml = exposing('enabled: {{flag}}', 'product: a', 'name: "12:{{name}}"', 'atMaxAge: {{age}}')
  const [app] = await readSource({ yaml, varsFile }, {})
  const scope = { name: 'nav:a:12:2:00', maxAge: 120, enabled: false }
  expect(app?.maskinporten?.exposes[0]?.value).toMatchObject(scope)
})

it('the directive %YAML 1.1 is accepted and %YAML 1.2 is refused, as by go-yaml 2', () => {
  expect(read('%YAML 1.1\n---\na: yes\n')).toEqual({ a: true })
  expect(() => read('%YAML 1.2\n---\na: yes\n')).toThrow(/%YAML/)
})
