const FAULTS = [{ status: 500 }, { status: 429 }, 'hang', 'reset', 'html', 'empty', { delay: 1 }]

/**
 * Returns a function to call once per second. The function makes the key endpoint fail at random, and lets a
 * new key sign every 15 seconds. The validator has time to fetch each key between the publication of the key
 * and its first use. In that time, no faults occur.
 *
 * @param rotated function to call when a new key starts to sign
 */
export function disturbances(mock, rotated) {
  let second = 0
  return async () => {
    second++
    const phase = second % 15
    mock.clearFaults()
    if ((phase < 5 || phase > 12) && Math.random() < 0.8) {
      mock.addFault('jwk', FAULTS[Math.floor(Math.random() * FAULTS.length)])
    }
    if (phase === 5) await mock.announceKey()
    if (phase === 12) {
      await mock.rotateKeys()
      await rotated()
    }
  }
}
