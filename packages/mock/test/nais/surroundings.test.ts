import { describe, expect, it } from 'vitest'
import { checkManifest, createMockMaskinporten, ManifestError } from '../../src/index.js'
import { readSource } from '../../src/nais/manifest-source.js'
import { warningsOf } from './manifests.js'

const APP = `apiVersion: nais.io/v1alpha1
kind: Application
metadata:
  name: app
  namespace: team-a
spec:
  image: a
  maskinporten:
    enabled: true
`
const JOB = APP.replace('v1alpha1', 'v1').replace('Application', 'Naisjob')

async function problemsOf(yaml: string): Promise<string> {
  const [app] = await readSource({ yaml, file: 'a.yaml' }, {})
  return (app?.document.problems ?? [])
    .map(({ line, path, message }) => `${line}: ${path} ${message}`)
    .join('\n')
}

describe('`maskinporten` in another place or spelling is refused, with the right one', () => {
  it.each([
    ['a letter too few', APP.replace('maskinporten', 'maskinportn'), '8: spec.maskinportn'],
    ['a letter too many', APP.replace('maskinporten', 'maskinportene'), '8: spec.maskinportene'],
    ['two letters wrong', APP.replace('maskinporten', 'maksinporten'), '8: spec.maksinporten'],
    ['a capital', APP.replace('maskinporten', 'Maskinporten'), '8: spec.Maskinporten'],
    ['beside `spec`', APP.replaceAll(/^ {2}( {2}enabled|maskin)/gm, '$1'), '8: maskinporten'],
    [
      'in `metadata`',
      APP.replace('spec:', '  maskinporten: { enabled: true }\nspec:'),
      '6: metadata.maskinporten',
    ],
    ['in a job', JOB.replace('maskinporten', 'maskinport'), '8: spec.maskinport'],
  ])('%s', async (_title, yaml, place) => {
    const message = `${place} is not known here: did you mean \`spec.maskinporten\`?`
    expect(await problemsOf(yaml)).toBe(message)
    const mock = await createMockMaskinporten()
    await expect(mock.provision({ yaml })).rejects.toThrow('did you mean `spec.maskinporten`?')
    const options = { exposedElsewhere: ['nav:x'] }
    await expect(checkManifest(['nav:x'], { yaml }, options)).rejects.toThrow(ManifestError)
  })

  it('and other members are not judged', async () => {
    const others = 'idporten: { enabled: true }\n  tokenx: { enabled: true }\n  replica: 2\n  image: a'
    expect(await problemsOf(APP.replace('image: a', others))).toBe('')
    expect(await problemsOf(APP.replace('spec:', '  nam: x\nsepc: {}\nspec:'))).toBe('')
  })
})

describe('a manifest without `spec.maskinporten` says so in one line', () => {
  it.each([
    ['no member', APP.replace(/ {2}maskinporten:[\s\S]*$/, '')],
    ['nothing after it', APP.replace('    enabled: true\n', '')],
  ])('%s', async (_title, yaml) => {
    expect(await warningsOf(yaml)).toEqual([
      {
        file: 'nais.yaml',
        line: 6,
        path: 'spec',
        message: 'has no `maskinporten`: the app gets no client and exposes no scopes',
      },
    ])
  })
})

describe('a kind is refused in a version that the cluster does not have, with the one to write', () => {
  it.each([
    [
      'an Application',
      APP.replace('v1alpha1', 'v1'),
      '1: apiVersion is nais.io/v1, which has no Application: write nais.io/v1alpha1',
    ],
    [
      'of the future',
      APP.replace('v1alpha1', 'v2'),
      '1: apiVersion is nais.io/v2, which has no Application: write nais.io/v1alpha1',
    ],
    [
      'without version',
      APP.replace('/v1alpha1', ''),
      '1: apiVersion is nais.io, which has no Application: write nais.io/v1alpha1',
    ],
    [
      'a Naisjob',
      JOB.replace('v1', 'v1alpha1'),
      '1: apiVersion is nais.io/v1alpha1, which has no Naisjob: write nais.io/v1',
    ],
    [
      'a kind in another spelling',
      JOB.replace('Naisjob', 'NaisJob'),
      '2: kind is NaisJob, which the cluster does not have: write Naisjob',
    ],
    [
      'a misspelt kind',
      APP.replace('Application', 'Aplication'),
      '2: kind is Aplication, which the cluster does not have: write Application',
    ],
  ])('%s', async (_title, yaml, message) => {
    expect(await problemsOf(yaml)).toBe(message)
  })

  it.each(['AzureAdApplication', 'Jwker', 'IDPortenClient', 'AnsattportenClient', 'Topic'])(
    'and %s of nais.io is another resource',
    async (kind) => {
      const apps = await readSource(
        { yaml: `${APP}---\n${APP.replace('Application', kind).replace('maskinporten', 'maskinportn')}` },
        {},
      )
      expect(apps.map((app) => app.document.problems)).toEqual([[]])
    },
  )
})

const RFC_1123 = 'lower-case letters, digits, "-" and ".", 253 characters at most (RFC 1123)'

describe('what identifies an app is refused, with what to write', () => {
  it.each([
    [
      'no spec',
      APP.slice(0, APP.indexOf('spec:')),
      '1: spec is missing: write `spec:` with the members of the app',
    ],
    ['a spec that is a list', APP.replace(/spec:[\s\S]*$/, 'spec: []\n'), '6: spec must be an object'],
    [
      'a name in capitals',
      APP.replace('name: app', 'name: App'),
      `4: metadata.name must be ${RFC_1123}: write app`,
    ],
    [
      'a name with underscores',
      APP.replace('name: app', 'name: My_app'),
      `4: metadata.name must be ${RFC_1123}: write my-app`,
    ],
    [
      'a name that cannot be helped',
      APP.replace('name: app', 'name: "é"'),
      `4: metadata.name must be ${RFC_1123}`,
    ],
    [
      'a name that is a number',
      APP.replace('name: app', 'name: 012'),
      `4: metadata.name must be ${RFC_1123}, in quotes: "012"`,
    ],
    ['no name', APP.replace('name: app', 'nam: app'), `3: metadata.name is missing: it must be ${RFC_1123}`],
    [
      'no metadata',
      APP.replace(/metadata:[\s\S]*spec/, 'spec'),
      `1: metadata.name is missing: it must be ${RFC_1123}`,
    ],
    [
      'a namespace with an underscore',
      APP.replace('team-a', 'team_a'),
      '5: metadata.namespace must be lower-case letters, digits and "-", 63 characters at most (RFC 1123): write team-a',
    ],
    [
      'a namespace with a dot',
      APP.replace('team-a', 'team.a'),
      '5: metadata.namespace must be lower-case letters, digits and "-", 63 characters at most (RFC 1123)',
    ],
    [
      'the name of a job of 64 letters',
      JOB.replace('name: app', `name: ${'a'.repeat(64)}`),
      '4: metadata.name must be lower-case letters, digits, "-" and ".", 63 characters at most (RFC 1123)',
    ],
    [
      'an annotation that is a boolean',
      APP.replace('namespace', 'annotations: { digdir.nais.io/preserve: true }\n  namespace'),
      '5: metadata.annotations.digdir.nais.io/preserve must be text, in quotes: "true"',
    ],
    [
      'an annotation that is yes',
      APP.replace('namespace', 'annotations: { digdir.nais.io/preserve: yes }\n  namespace'),
      '5: metadata.annotations.digdir.nais.io/preserve must be text, in quotes: "true"',
    ],
    [
      'an annotation that is a number',
      APP.replace('namespace', 'annotations: { any: 7 }\n  namespace'),
      '5: metadata.annotations.any must be text, in quotes: "7"',
    ],
    [
      'a label that is a number',
      APP.replace('namespace', 'labels: { team: 7 }\n  namespace'),
      '5: metadata.labels.team must be letters, digits, "-", "_" and ".", 63 characters at most, in quotes: "7"',
    ],
    [
      'a port that is text',
      APP.replace('image: a', 'port: "8080"'),
      '7: spec.port must be a whole number, without quotes',
    ],
  ])('%s', async (_title, yaml, message) => {
    expect(await problemsOf(yaml)).toBe(message)
  })

  it('but not where the cluster takes it', async () => {
    const others = 'annotations: { a.b/c: "true", empty: "", left: }\n  labels: { team: Team_A.b, empty: "" }'
    expect(
      await problemsOf(APP.replace('namespace: team-a', others).replace('name: app', 'name: my.app')),
    ).toBe('')
  })
})
