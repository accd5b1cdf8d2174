import { answerWith } from '../../processes.mjs'
import { inTurn, TokenFiles } from '../tokens.mjs'
import { CALLS } from './calls.mjs'

/** A new process that imports a library, and then makes its first decision. */
answerWith({
  async open({ modules, call, ...setting }) {
    const began = performance.now()
    for (const module of modules) await import(module)
    const imported = performance.now()
    if (call === undefined) return { importTime: imported - began }

    const contestant = CALLS[call]
    const [token] = new TokenFiles(setting.tokens).fresh(
      'good',
      inTurn(1),
      contestant.takesHeader ? 'Bearer ' : '',
    )
    const before = performance.now()
    const opened = await contestant.open(setting)
    const result = await opened.call(token)
    const decided = performance.now()
    return {
      importTime: imported - began,
      firstDecision: decided - before,
      isAccepted: opened.accepted?.(result) ?? result !== undefined,
    }
  },
})
