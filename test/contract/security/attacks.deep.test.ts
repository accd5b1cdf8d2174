import { HOSTS } from '../conformance/hosts.js'
import { MODES } from '../conformance/modes.js'
import { describeCore, describeHost } from './attack-suite.js'
import { ATTACKS } from './attacks/index.js'

describeCore('texas', ATTACKS)

// Every attack on every host, with both validators.
for (const mode of MODES) for (const host of HOSTS) describeHost(mode, host, ATTACKS)
