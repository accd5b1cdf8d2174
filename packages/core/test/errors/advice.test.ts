import { describe, expect, it, test } from 'vitest'
import { adviceFor } from '../../src/errors/advice.js'
import { REASONS } from '../reasons.js'

/** One or several sentences, to be read by people. */
const SENTENCES = /^[A-Z`“].{15,}[.]$/su

describe('whoever runs the API is told about every refusal', () => {
  test.each(REASONS)('%s: what it means and what to do', (reason) => {
    const { meaning, remedy } = adviceFor(reason)
    expect(meaning).toMatch(SENTENCES)
    expect(remedy).toMatch(SENTENCES)
    expect(meaning).not.toBe(remedy)
  })

  it('what it means, of every one something of its own', () => {
    expect(new Set(REASONS.map((reason) => adviceFor(reason).meaning)).size).toBe(REASONS.length)
  })
})
