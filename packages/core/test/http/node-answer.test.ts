import { expect, it, vi } from 'vitest'
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

it.each<[ReturnType<typeof answerState>, string, Partial<NodeResponse>, boolean]>([
  ['open', 'nothing is sent', {}, false],
  ['begun', 'headers are sent', { headersSent: true }, false],
  ['over', 'the response has ended', { headersSent: true, writableEnded: true }, false],
  ['over', 'the response is destroyed', { destroyed: true }, false],
  ['over', 'the request is aborted', {}, true],
])('answerState returns `%s` when %s', (state, _title, members, aborted) => {
  expect(answerState({ aborted }, response(members))).toBe(state)
})

it.each<[string, Partial<NodeResponse>, boolean[], number]>([
  ['returns true for any decision before headers are sent', {}, [true, true], 0],
  ['aborts a begun answer on a refusal', { headersSent: true }, [true, false], 1],
  [
    'returns false for an answer that has ended',
    { headersSent: true, writableEnded: true },
    [false, false],
    0,
  ],
])('canFollow %s', (_title, members, expected, aborted) => {
  const destroy = vi.fn()
  const follow = (isAllowed: boolean) => canFollow(isAllowed, {}, response({ destroy, ...members }))
  const allowed = follow(true)
  expect(destroy).not.toHaveBeenCalled()
  expect([allowed, follow(false)]).toEqual(expected)
  expect(destroy).toHaveBeenCalledTimes(aborted)
})

it('canFollow is false for the refusal of a request to which connect-timeout answers', () => {
  expect(canFollow(false, { timedout: true }, response())).toBe(false)
})

it('removeBodyHeaders removes the headers that describe the replaced body', () => {
  const removed: string[] = []
  removeBodyHeaders({ removeHeader: (name) => removed.push(name) })
  expect(removed).toEqual(['content-encoding', 'transfer-encoding'])
})

/** Returns the calls that breakOff makes, in order. */
function callsOf(members: (calls: unknown[]) => Partial<NodeResponse>) {
  const calls: unknown[] = []
  breakOff(response({ destroy: () => calls.push('destroy'), ...members(calls) }))
  return calls
}

it('breakOff closes the HTTP/2 stream of a response with an error code, and keeps the connection', () => {
  const socket = { resetAndDestroy: () => expect.unreachable('the connection was reset') }
  expect(callsOf((calls) => ({ stream: { close: (code: number) => calls.push(code) }, socket }))).toEqual([2])
})

it('breakOff resets the HTTP/1 connection of a response before it destroys the response', () => {
  const calls = callsOf((made) => ({ socket: { resetAndDestroy: () => made.push('reset') } }))
  expect(calls).toEqual(['reset', 'destroy'])
})

const notTcp = () => {
  throw new TypeError('ERR_INVALID_HANDLE_TYPE')
}
it.each<[string, Partial<NodeResponse>]>([
  ['without a socket', {}],
  ['that is pipelined and has no socket yet', { socket: null }],
  ['of a runtime whose sockets cannot be reset', { socket: {} }],
  ['whose socket is not TCP', { socket: { resetAndDestroy: notTcp } }],
])('breakOff destroys a response %s', (_title, members) => {
  expect(callsOf(() => members)).toEqual(['destroy'])
})
