import { ANSWERS } from './promises/answers.js'
import type { Promised } from './promises/case.js'
import { KEYS, TEXAS } from './promises/keys.js'
import { LIMITS } from './promises/limits.js'
import { OPTIONS } from './promises/options.js'
import { SECURITY } from './promises/security.js'
import type { Part, Text } from './sentences.js'

interface Promises {
  /** Where every sentence, clause or table row is a promise or in `nothing`. */
  readonly parts: readonly Omit<Part, 'text'>[]
  readonly promises: readonly Promised[]
  /** Pointers, definitions, and what others do: these sentences promise nothing that a test could show. */
  readonly nothing: readonly string[]
}

/** What SECURITY.md and README.md promise, and the cases that show it. */
export const PROMISES: Readonly<Record<Text, Promises>> = {
  'SECURITY.md': {
    parts: [
      { heading: '# Security' },
      { heading: '## Against whom', column: 'cannot' },
      { heading: '## What is installed', noTables: true },
    ],
    promises: SECURITY,
    nothing: [
      "Report a vulnerability privately, through “Report a vulnerability” on the repository's Security page.",
      'Please do not open a public issue.',
      'No release has been made yet, so no maintainer is named and no time to answer is promised.',
      'The first release names both here.',
      'What is promised:',
      'What is not: see _Known limits_ in the [README](README.md#known-limits).',
      'Beside those:',
      'Only Maskinporten can sign one.',
      'Every library that comes with a package, and why.',
    ],
  },
  'README.md': {
    parts: [
      { heading: '## What a caller is told' },
      { heading: '## Configuration' },
      { heading: '## How keys are handled' },
      { heading: '## How it is fast' },
      { heading: '## Ask Texas instead' },
      { heading: '## Known limits' },
    ],
    promises: [...ANSWERS, ...OPTIONS, ...KEYS, ...TEXAS, ...LIMITS],
    nothing: [
      '`keys` | below | how keys are kept',
      '[The benchmark](test/bench/README.md) measures it beside other libraries: `npx -y pnpm@12 bench` draws a decision alone, servers with [Express](test/bench/results/http-express.svg), [Koa](test/bench/results/http-koa.svg), [Fastify](test/bench/results/http-fastify.svg) and [Hono](test/bench/results/http-hono.svg), and [how it grows](test/bench/results/scaling.svg); it also says which of the figures we aim at are not reached.',
      'That a token is restricted to a person (`pid`) does not mean that the person has logged in or knows of the call.',
      '[MIT](LICENSE) · [How to report a vulnerability](SECURITY.md) · [How to contribute](CONTRIBUTING.md)',
    ],
  },
}
