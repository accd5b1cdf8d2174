import type { ServedMockMaskinporten } from '../mock-interface.js'
import { RunningMock } from './running-mock.js'
import type { HandedMock } from './setup-handover.js'

/**
 * Members that are unavailable in a child process. Most of them return synchronously, which is impossible over
 * HTTP.
 */
const ELSEWHERE = [
  ...(['rotateKeys', 'announceKey', 'publishKeys', 'jwks', 'addScope', 'addClient'] as const),
  ...(['addDelegation', 'addSystemUser', 'addConsent', 'addServiceOwner'] as const),
  ...(['issueCertificate', 'provision', 'apps'] as const),
  ...(['addFault', 'clearFaults', 'requests', 'received'] as const),
]

/** Connects a child process to the mock of its parent. The child gets its tokens over HTTP. */
export function connectToMock({ url, env }: HandedMock): ServedMockMaskinporten {
  const running = new RunningMock(url)
  const shared: Omit<ServedMockMaskinporten, (typeof ELSEWHERE)[number]> = {
    issuer: url,
    url,
    env,
    fetch: (input, init) => fetch(input, init),
    issueToken: (options) => running.issueToken(options),
    badToken: (name, options) => running.badToken(name, options),
    // Only the parent process closes the mock.
    close: async () => {},
    unref: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  for (const name of ELSEWHERE) {
    Object.defineProperty(shared, name, {
      get: () => {
        throw new Error(
          `\`maskinporten.${name}\` is not available here: this process shares the mock of its parent. ` +
            'Use it in the process that started the mock, or remove PORTVAKT_MOCK_SETUP from the variables ' +
            'of this one, which then starts its own',
        )
      },
    })
  }
  // The other members are getters that throw.
  return shared as ServedMockMaskinporten
}
