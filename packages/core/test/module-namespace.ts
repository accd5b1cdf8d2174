/** A module whose namespace is passed as options. */
export const a = 1
export const b = 2
