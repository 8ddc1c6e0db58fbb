/**
 * Carries out one step of an in-memory adapter: decided at the call, so that no other step comes between its parts, and told in a
 * later microtask, so that a caller that forgot to wait for it is found out. What the step throws rejects the promise.
 */
export const atomically = <T>(step: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(step());
  });
