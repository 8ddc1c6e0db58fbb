import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** All of a local run listens here only. */
export const LOOPBACK = "127.0.0.1";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function portIsFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, LOOPBACK);
  try {
    await once(server, "listening");
  } catch {
    // in use, or not for this user
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
