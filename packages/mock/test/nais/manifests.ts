import { type CheckManifestOptions, checkManifest, type ManifestProblem } from '../../src/index.js'

export const READ = 'nav:helse/sykepenger/afp.read'
export const WRITE = 'nav:helse/sykepenger/afp.write'
/** The organisation with a grant of `READ`. */
export const CALLER = '310385980'

/**
 * A file with another resource, and then an app that exposes two scopes. `READ` is granted to `CALLER`;
 * `WRITE` is disabled.
 */
export const PROVIDER = `# A file with another resource.
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
---
apiVersion: nais.io/v1alpha1
kind: Application
metadata:
  name: api
  namespace: team-a
spec:
  image: ghcr.io/navikt/api
  maskinporten:
    enabled: true
    scopes:
      exposes:
        - name: sykepenger/afp.read
          product: helse
          enabled: yes # YAML 1.1, as Kubernetes reads it
          consumers:
            - name: A municipality
              orgno: "310385980"
        - name: sykepenger/afp.write
          product: helse
          separator: "/"
          enabled: false
`

/** Returns `PROVIDER` with these members in its first exposed scope, from line 18. */
export const exposing = (...members: string[]) =>
  PROVIDER.replace(/- name: sykepenger\/afp\.read[\s\S]*"310385980"\n/, `- ${members.join('\n          ')}\n`)

/** Returns a job that consumes these scopes. The first scope is on line 12. */
export const consumerOf = (...scopes: string[]) => `apiVersion: nais.io/v1
kind: Naisjob
metadata:
  name: caller
  labels:
    team: team-b
spec:
  maskinporten:
    enabled: true
    scopes:
      consumes:
${scopes.map((scope) => `        - name: ${JSON.stringify(scope)}\n`).join('')}`

/** Returns the warnings of `checkManifest`. @param guardedElsewhere the scopes that the manifest exposes */
export async function warningsOf(
  yaml: string,
  guardedElsewhere: readonly string[] = [],
): Promise<readonly ManifestProblem[]> {
  const warnings: ManifestProblem[] = []
  const onWarning: CheckManifestOptions['onWarning'] = (warning) => warnings.push(warning)
  await checkManifest(['nav:x'], { yaml }, { exposedElsewhere: ['nav:x'], guardedElsewhere, onWarning })
  return warnings
}
