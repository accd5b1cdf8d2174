/** Where people and commands speak with a running mock. None of this is Maskinporten's. */
export const CONTROL_PATH = '/portvakt'
