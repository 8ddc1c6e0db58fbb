import type { IncomingMessage } from "node:http";
import { LOOPBACK } from "./loopback";

/**
 * Whether a request can't come from a web page: it names the server that it came to itself as its host, and a browser would have said more.
 * The fetch of Node and its like say `cors`, and only that. As the emulator's gate has it (gate.py).
 */
export function isFromProgram({ headers, headersDistinct, socket }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  const mode = headers["sec-fetch-mode"];
  const hosts = headersDistinct["host"] ?? [];
  return (
    hosts.length === 1 &&
    hosts[0] === `${LOOPBACK}:${socket.localPort ?? 0}` &&
    headers.origin === undefined &&
    site === undefined &&
    (mode === undefined || mode === "cors")
  );
}
