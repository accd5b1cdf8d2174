import { expect } from 'vitest'

/** Returns a matcher for `toThrow`: a TypeError whose message matches the pattern. */
export const typeError = (message: RegExp): Error =>
  expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) })
