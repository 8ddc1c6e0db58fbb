import { addAbortSignal, type Readable } from "node:stream";

/**
 * A body that ends with an error when the signal is aborted. Whoever asked for it may be told to stop before reading a byte: then nobody
 * listens, and an error that nobody listens to would end the process. Whoever reads it still meets it, now or later.
 */
export function abortableBody(body: Readable, signal: AbortSignal | undefined): Readable {
  if (signal === undefined) return body;
  body.on("error", () => undefined);
  return addAbortSignal(signal, body);
}
