/**
 * Replaces the instructions for installing from a clone with the instructions for npm. Each place in the
 * texts has both forms:
 *
 *     <!-- until released -->
 *     how to install from a clone
 *     <!-- when released
 *     how to install from npm
 *     -->
 *
 * The script also replaces the command in the texts with the name of its npm package, and updates the tests
 * that quote the texts.
 *
 * Run this script with the first release, in a checkout: `node test/release/packaging/release-texts.mjs`.
 * Later runs change nothing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './command.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

// One error of core names the command.
const TEXTS = ['*.md', 'test/docs/*.ts', 'packages/core/src/*.ts']
for (const file of run(ROOT, 'git', 'ls-files', ...TEXTS)
  .trim()
  .split('\n')) {
  const path = join(ROOT, file)
  // A changeset can be missing, because a release turns it into a changelog entry and deletes it.
  if (!existsSync(path)) continue
  const text = readFileSync(path, 'utf8')
  const released = text
    .replace(/^<!-- until released -->\n[\s\S]*?^<!-- when released\n([\s\S]*?)^-->\n/gm, (_, then) => then)
    .replaceAll('npx --no-install portvakt ', 'npx @portvakt/cli ')
  if (released !== text) writeFileSync(path, released)
}
