import { at, core, faults, packaging, promised, security } from './case.js'

const VERSIONS = at(
  'test/docs/versions.test.ts',
  'SECURITY.md names the versions that manifests declare and tests run: %s',
)
const PEERS = packaging('peers', '$title > passes the conformance suite')

/** SECURITY.md, “How it is shown” and “Versions that are supported”. */
export const EVIDENCE = [
  promised(
    'attacks, byte by byte, on every framework | `npx -y pnpm@12 vitest run test/security/attacks.test.ts` | 790 cases, 7110 runs on 9 hosts, 0 accepted, 0 outside the table',
    security('attacks', '$name > %s', 'are as many as SECURITY.md says'),
  ),
  promised(
    'one case for each published fault of other libraries; pieces of tokens in anything that is visible | `npx -y pnpm@12 vitest run test/security` | 0',
    security('advisories', 'a token that another library took > %s (%s) is refused'),
    security('advisories', 'a cache that another library believed', 'an option that another library took'),
    security('leaks', 'the scanner finds a piece of a token in an error, in its cause and in its members'),
  ),
  promised(
    'made-up tokens, headers, claims and key sets, against a model, jose and aws-jwt-verify | `npx -y pnpm@12 test:deep` | a million cases; [every difference explained](test/security/differences.ts)',
    security('properties', 'claims are let in exactly when the model of them says so'),
    security('differential', 'claims of all kinds are let in by all, or explained'),
    security('differential', 'an explanation > has an example each'),
  ),
  promised(
    'what a 16 KB token of any kind costs ÷ (`JSON.parse` of it + one verification) | `npx -y pnpm@12 vitest run test/security/growth.test.ts` | at most 3 for tokens that anyone can send; grows no faster than the length',
    security('growth', 'the cost of a token, %s: > $name', 'the cost of an Authorization header: > %s'),
  ),
  promised(
    'outages of every kind, floods, rotation, removal, steps of the clock | `npx -y pnpm@12 vitest run test/faults` | no valid token refused in 24 hours',
    faults('outage', 'a day of %s > refuses no good token, asks less than 1,501 times'),
    faults('rotation', 'J10 announced an hour before refuses no call, before it and after it'),
  ),
  promised(
    'All packages have one version and are released together; use the same of each.',
    at('test/supply-chain/dependencies.test.ts', 'has one version'),
  ),
  promised('Node | 20.19 and newer 20s; 22.12 and newer; tested to 26', VERSIONS),
  promised(
    'Bun, Deno, workerd | core, `hono` and `fetch`, on what `test/runtimes` names',
    VERSIONS,
    at('test/architecture/imports.test.ts', 'core imports only itself, jose and lru-cache'),
    core('keys/key-set-request-scoped', 'on a request-scoped runtime'),
  ),
  ...['Express | 4.17 to 5', 'Koa | 2.13 to 3', 'Fastify | 5', 'Hono | 4'].map((row) =>
    promised(row, VERSIONS, PEERS),
  ),
  promised('NestJS | 10 to 12, on Express and Fastify', VERSIONS, PEERS),
  promised(
    'TypeScript | 5.9 and 7, `moduleResolution` `nodenext` and `bundler`; 5.9 also `node10`',
    VERSIONS,
    packaging('used', '%s compiles %s against the installed declarations with %j'),
  ),
  promised(
    'The lowest and the newest version of each framework pass the conformance suite: `npx -y pnpm@12 test:packaging`.',
    PEERS,
  ),
]
