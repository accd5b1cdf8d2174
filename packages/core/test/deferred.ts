/** A promise and the function that resolves it. */
export function deferred<T = unknown>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
