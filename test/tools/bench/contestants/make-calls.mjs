const isSomething = (result) => result !== undefined

/**
 * Calls a contestant with each input, with `inFlight` calls at a time.
 *
 * @param opened the contestant's `call` and, if a result can also be a refusal, its `accepted`
 * @param latencies if given, receives the latency of each call, in microseconds of wall time
 * @returns the number of unexpected answers
 */
export async function makeCalls(opened, batch, { isSync, inFlight = 1, expected = true, latencies }) {
  const { call, accepted = isSomething } = opened
  if (isSync) return callInTurn({ call, accepted }, batch, { inFlight, expected, latencies })
  let wrong = 0
  let next = 0
  const lane = async () => {
    while (next < batch.length) {
      let verdict = false
      const before = latencies && performance.now()
      try {
        verdict = accepted(await call(batch[next++]))
      } catch {
        // The contestant throws to refuse a token.
      }
      latencies?.push((performance.now() - before) * 1000)
      if (verdict !== expected) wrong++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return wrong
}

/**
 * Makes synchronous calls, which run one at a time. As with asynchronous calls, the latency of a call counts
 * from the end of the call that made room for it: the call `inFlight` places earlier.
 */
function callInTurn({ call, accepted }, batch, { inFlight, expected, latencies }) {
  const ends = []
  const began = latencies && performance.now()
  let wrong = 0
  for (const [index, input] of batch.entries()) {
    let verdict = false
    try {
      verdict = accepted(call(input))
    } catch {
      // The contestant throws to refuse a token.
    }
    if (latencies) {
      const end = performance.now()
      latencies.push((end - (ends[index - inFlight] ?? began)) * 1000)
      ends.push(end)
    }
    if (verdict !== expected) wrong++
  }
  return wrong
}
