import { expect } from 'vitest'

/** For `toThrow`: a TypeError whose message matches. */
export const typeError = (message: RegExp): Error =>
  expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) })
