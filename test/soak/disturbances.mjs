const FAULTS = [{ status: 500 }, { status: 429 }, 'hang', 'reset', 'html', 'empty', { delay: 1 }]

/**
 * Disturbances, one step per second: the key endpoint fails at random, and every 15 seconds a new key signs.
 * Each key is published before it signs, for long enough that the validator has it. No faults occur between
 * publication and first use.
 *
 * @param rotated called when a new key signs
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
