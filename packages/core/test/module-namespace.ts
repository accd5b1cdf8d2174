// A test passes the namespace of this module as options.
export const a = 1
export const b = 2
