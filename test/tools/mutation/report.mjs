import { existsSync, readFileSync } from 'node:fs'

const withStatus = (mutants, ...statuses) => mutants.filter(({ status }) => statuses.includes(status))

/** How many mutants of a file the tests noticed, how many survived, and the share noticed, in percent. */
export function scoreOf({ mutants }) {
  const noticed = withStatus(mutants, 'Killed', 'Timeout').length
  const survived = withStatus(mutants, 'Survived', 'NoCoverage').length
  return { noticed, survived, score: shareOf(noticed, survived) }
}

const shareOf = (noticed, survived) => Math.round((1000 * noticed) / (noticed + survived)) / 10

/** The surviving mutants of a file: the lines that a mutant changes, without and with the change. */
export function survivorsIn({ mutants, source }) {
  const lines = source.split('\n')
  const onOneLine = (text) => text.trim().replace(/\s+/g, ' ')
  return withStatus(mutants, 'Survived', 'NoCoverage').map(({ location: { start, end }, replacement }) => {
    const before = lines.slice(start.line - 1, end.line)
    const last = before.at(-1) ?? ''
    const after = before[0].slice(0, start.column - 1) + replacement + last.slice(end.column - 1)
    return { from: onOneLine(before.join(' ')), to: onOneLine(after), why: '' }
  })
}

const ROW = /^\| `(.+)` +\| +(\d+) \| +(\d+) \| +([\d.]+) \|$/gm

/** The scores in a file that `textOfScores` wrote. */
export function readScores(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return new Map(
    [...text.matchAll(ROW)].map(([, module, noticed, survived, score]) => [
      module,
      { noticed: Number(noticed), survived: Number(survived), score: Number(score) },
    ]),
  )
}

export function textOfScores(scores) {
  const all = [...scores].sort(([a], [b]) => (a < b ? -1 : 1))
  const sum = (name) => all.reduce((total, [, score]) => total + score[name], 0)
  const total = { noticed: sum('noticed'), survived: sum('survived') }
  const rows = [
    ...all.map(([name, score]) => [`\`${name}\``, score]),
    ['all', { ...total, score: shareOf(total.noticed, total.survived) }],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, { noticed, survived, score }]) => {
    const cells = [noticed, survived, score].map((value, index) => `${value}`.padStart([7, 8, 5][index]))
    return `| ${name.padEnd(width)} | ${cells.join(' | ')} |`
  })
  return `# Scores

_Noticed_ and _survived_ count mutants; the score is the share noticed, in percent. Written by \`npx -y pnpm@12 mutate --update\`.

| ${'module'.padEnd(width)} | noticed | survived | score |
| ${'-'.repeat(width)} | ------: | -------: | ----: |
${lines.join('\n')}
`
}
