import { describe, expect, it, test } from 'vitest'
import {
  answerState,
  breakOff,
  canFollow,
  type NodeResponse,
  removeBodyHeaders,
} from '../../src/http/node-answer.js'

const response = (members: Partial<NodeResponse> = {}): NodeResponse => ({
  headersSent: false,
  writableEnded: false,
  removeHeader: () => undefined,
  destroy: () => undefined,
  ...members,
})

describe('the state of an answer', () => {
  test.each<[ReturnType<typeof answerState>, string, Partial<NodeResponse>, boolean]>([
    ['open', 'nothing is sent', {}, false],
    ['begun', 'headers are sent', { headersSent: true }, false],
    ['over', 'the response has ended', { headersSent: true, writableEnded: true }, false],
    ['over', 'the response is destroyed', { destroyed: true }, false],
    ['over', 'the response is destroyed after its headers', { headersSent: true, destroyed: true }, false],
    ['over', 'the request is aborted', {}, true],
    ['over', 'the request is aborted after the headers', { headersSent: true }, true],
  ])('is %s when %s', (state, _title, members, aborted) => {
    expect(answerState({ aborted }, response(members))).toBe(state)
    if (!aborted) expect(answerState({}, response(members))).toBe(state)
  })
})

describe('a decision', () => {
  test.each<[string, Partial<NodeResponse>, { allowed: unknown[]; refused: unknown[] }]>([
    ['can be followed before the headers are sent', {}, { allowed: [true, 0], refused: [true, 0] }],
    [
      'to refuse aborts an answer whose headers are sent',
      { headersSent: true },
      { allowed: [true, 0], refused: [false, 1] },
    ],
    [
      'changes nothing about an answer that has ended',
      { headersSent: true, writableEnded: true },
      { allowed: [false, 0], refused: [false, 0] },
    ],
  ])('%s', (_title, members, expected) => {
    const follow = (isAllowed: boolean) => {
      let destroyed = 0
      const answer = response({ destroy: () => destroyed++, ...members })
      return [canFollow(isAllowed, {}, answer), destroyed]
    }
    expect({ allowed: follow(true), refused: follow(false) }).toEqual(expected)
  })
})

it('removeBodyHeaders removes the headers of another body', () => {
  const removed: string[] = []
  removeBodyHeaders({ removeHeader: (name) => removed.push(name) })
  expect(removed).toEqual(['content-encoding', 'transfer-encoding'])
})

describe('an aborted answer', () => {
  /** Calls, in their order. */
  const record = (members: Partial<NodeResponse>) => {
    const calls: string[] = []
    breakOff(response({ destroy: () => calls.push('destroy'), ...members }))
    return calls
  }

  it('closes its HTTP/2 stream with an error code, and keeps the connection', () => {
    const codes: number[] = []
    const stream = { close: (code: number) => codes.push(code) }
    const socket = { resetAndDestroy: () => expect.unreachable('the connection was reset') }
    expect(record({ stream, socket })).toEqual([])
    expect(codes).toEqual([2])
  })

  it('resets its HTTP/1 connection before it destroys the response', () => {
    const calls: string[] = []
    const socket = { resetAndDestroy: () => calls.push('reset') }
    breakOff(response({ socket, destroy: () => calls.push('destroy') }))
    expect(calls).toEqual(['reset', 'destroy'])
  })

  test.each<[string, Partial<NodeResponse>]>([
    ['a response without a socket', {}],
    ['a pipelined response, which has no socket yet', { socket: null }],
    ['a runtime whose sockets cannot be reset', { socket: {} }],
    [
      'a socket that is not TCP',
      {
        socket: {
          resetAndDestroy: () => {
            throw new TypeError('ERR_INVALID_HANDLE_TYPE')
          },
        },
      },
    ],
  ])('is destroyed on %s', (_title, members) => {
    expect(record(members)).toEqual(['destroy'])
  })
})
