/** A module whose namespace is given as options. */
export const a = 1
export const b = 2
