/**
 * Never ends but by the signal's abort: to be raced against work whose calls don't hear the signal, such as an SDK's that tries again.
 *
 * @throws the signal's reason, as an Error
 */
export function abortion(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
