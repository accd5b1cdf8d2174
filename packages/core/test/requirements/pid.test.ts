import { expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

const PID = '01010199999'
const checkPid = (pid: string | undefined, subject: unknown) =>
  check<string>(
    { pid: (request) => (request === 'the request' ? (subject as string) : 'wrong') },
    claims(pid === undefined ? {} : { pid }),
    { request: 'the request' },
  )

it('a token needs a `pid` only if the rule has a `pid` function', async () => {
  await expect(check({}, claims())).resolves.toBeUndefined()
  await expect(check({}, claims({ pid: PID }))).resolves.toBeUndefined()
})

it('a request must be about the person that the token is restricted to', async () => {
  await expect(checkPid(PID, PID)).resolves.toBeUndefined()
  for (const other of ['01010199998', '', ` ${PID}`, undefined])
    expect(await reasonOfAsync(checkPid(PID, other))).toBe('pid_mismatch')
})

it('a token without a `pid` is refused, even if the `pid` function returns undefined', async () => {
  expect(await reasonOfAsync(checkPid(undefined, PID))).toBe('pid_required')
  expect(await reasonOfAsync(checkPid(undefined, undefined))).toBe('pid_required')
})

it('a `pid` function that returns another type causes a TypeError, not a refusal', async () => {
  for (const mistake of [1010199999, null, Promise.resolve(PID), [PID]]) {
    await expect(checkPid(PID, mistake)).rejects.toThrow(TypeError)
    await expect(checkPid(PID, mistake)).rejects.toThrow('`pid` function')
  }
})

it('an error that the `pid` function throws is passed on unchanged', async () => {
  const own = new Error('no such case')
  const pid = () => {
    throw own
  }
  await expect(check({ pid }, claims({ pid: PID }))).rejects.toBe(own)
})
