import { ANSWERS } from './promises/answers.js'
import type { Promised } from './promises/case.js'
import { EVIDENCE } from './promises/evidence.js'
import { GUARDS, TRIALS } from './promises/guards.js'
import { FOLDED_HEADERS, HOSTS } from './promises/hosts.js'
import { KEYS, TEXAS } from './promises/keys.js'
import { LIMITS } from './promises/limits.js'
import { OPTIONS } from './promises/options.js'
import { SECURITY } from './promises/security.js'
import type { Sections, Text } from './sentences.js'

interface Promises {
  readonly text: Text
  /** What is taken of a section. Of every other section, everything is. */
  readonly sections: Sections
  readonly promises: readonly Promised[]
  /** Pointers, definitions, and facts about others: these promise nothing that a test could show. */
  readonly nothing: readonly string[]
}

/** What SECURITY.md and README.md promise, and the cases that show it. */
export const PROMISES: readonly Promises[] = [
  {
    text: 'SECURITY.md',
    sections: {
      '## Against whom': { column: 'cannot' },
      // test/supply-chain compares the table with the manifests.
      '## What is installed': 'sentences',
    },
    promises: [...SECURITY, ...HOSTS, ...EVIDENCE],
    nothing: [
      "Report a vulnerability privately, through “Report a vulnerability” on the repository's Security page.",
      'Please do not open a public issue.',
      'No release has been made yet, so no maintainer is named and no time to answer is promised.',
      'The first release names both here.',
      'What is promised:',
      'What is not: see _Known limits_ in the [README](README.md#known-limits).',
      'Beside those:',
      '[Which hosts these are](README.md#known-limits).',
      'Only Maskinporten can sign one.',
      'Every library that comes with a package, and why.',
      'Every figure is printed by the command beside it.',
      // What an application does with what it reads by name is its own decision.
      'An application that reads one of these by name decides where it goes.',
      "Such a caller sends tokens that Maskinporten's keys have not signed, as many as it likes.",
      // Measured by a benchmark, `npx -y pnpm@12 bench --only texas`.
      'Good tokens meanwhile: `npx -y pnpm@12 bench --only texas` prints how long they take alone and beside 50 callers.',
      'Each of these sends its next token 20 ms after an answer, half of them invented keys and half junk signatures, and a stand-in for Texas looks an unknown key up in 30 ms while all others wait.',
      '_Texas first_ is an exchange with Texas alone, without keys.',
      'keys alone | 0.07 / 1.1 | 0.03 / 0.11',
      'keys and Texas | 2.7 / 22 | 4.4 / 48',
      '_Texas first_ | 0.79 / 13 | 772 / 838',
      'Two cores that were busy with other work, Node 20.20.2, 29 November 2026: the second column compares with the first, not with other machines.',
      // Programs of their own, which take too long for a test.
      "coverage-guided fuzzing of header, token, claims, keys, metadata, Texas's answers, nais.yaml | `npx -y pnpm@12 fuzz` | 0 findings",
      'mutation tests | `npx -y pnpm@12 mutate` | [scores by module](test/mutation/README.md)',
      '5,000 bad tokens a second of 93 kinds beside good ones, while keys fail and rotate | `npx -y pnpm@12 soak` | 0 accepted, no good one refused; it also prints the rate and the loop delay, which depend on the machine',
      // How versions will be numbered, and which get fixes.
      'Nothing is released yet, so only the main branch gets security fixes.',
      'A support period for older versions is promised by the release that names its maintainers, not before.',
      'Versions follow [semver](https://semver.org): what can break an API that works is a new major (before 1.0: a new minor).',
      'That includes a longer list of refusals for tokens that Maskinporten issues, a status or a `reason` that changes, a dropped Node or framework, and a name that disappears.',
      'New reasons, events and options come in minors: handle the ones that you do not know.',
      'A fix for a token that should have been refused is a patch.',
    ],
  },
  {
    text: 'README.md',
    sections: {
      // A summary of the sections below, and its status, which test/packaging checks.
      '# Portvakt': 'nothing',
      // Links, which links.test.ts checks.
      '## Documentation': 'nothing',
    },
    promises: [...GUARDS, ...TRIALS, ...ANSWERS, ...OPTIONS, ...KEYS, ...TEXAS, ...LIMITS, ...FOLDED_HEADERS],
    nothing: [
      'With Node 20.19 or newer and nothing else:',
      'And in another terminal:',
      'Elsewhere, say whose tokens you accept:',
      '[`@portvakt/core`](packages/core/README.md) | everything else: the decision without a framework',
      '[`@portvakt/client`](packages/client/README.md) | the other side: gets tokens, and calls APIs with them',
      '[`@portvakt/mock`](packages/mock/README.md) | Maskinporten on your own machine',
      'Install the mock as above, and `npm install --save-dev vitest supertest`.',
      "In `vitest.config.ts`, set `test: { setupFiles: ['@portvakt/mock/setup'] }`.",
      '`keys` | below | how keys are kept',
      '[What each way costs, and when to choose it](docs/nais.md#keys-alone-or-keys-and-texas).',
      '[The benchmark](test/bench/README.md) measures it beside other libraries: `npx -y pnpm@12 bench` draws a decision alone, servers with [Express](test/bench/results/http-express.svg), [Koa](test/bench/results/http-koa.svg), [Fastify](test/bench/results/http-fastify.svg) and [Hono](test/bench/results/http-hono.svg), and [how it grows](test/bench/results/scaling.svg); it also says which of the figures we aim at are not reached.',
      // Facts about others: of these, only the wrappers can be run in a test.
      "Known ones are Next.js (route handlers, edge and proxy), an AWS load balancer, `serverless-http` behind API Gateway's REST API, and Hono behind a load balancer with multi-value headers.",
      'That a token is restricted to a person (`pid`) does not mean that the person has logged in or knows of the call.',
      '[MIT](LICENSE) · [How to report a vulnerability](SECURITY.md) · [How to contribute](CONTRIBUTING.md)',
    ],
  },
]
