/**
 * The network of one host of check:user-data: a process in a network of its own, where nothing is but what its parameters name, so that a
 * host in it reaches AWS's stand-ins and nothing else.
 *
 * `unshare --net node door.mjs ADDRESS PORT SOCKET ...`: what comes to an address goes on to a socket of the file system, which is the same
 * inside and outside. It says `open` once everything listens, and ends with its standard input.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

const ip = (...parameters) => execFileSync("ip", parameters);

async function open(address, port, socket) {
  // the loopback interface has all of 127.0.0.0/8 by itself
  if (!address.startsWith("127.")) ip("address", "add", `${address}/32`, "dev", "lo");
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ path: socket, allowHalfOpen: true });
    // what is said reaches the other side before its end does; an error ends both at once
    incoming.on("error", () => outgoing.destroy()).pipe(outgoing);
    outgoing.on("error", () => incoming.destroy()).pipe(incoming);
  });
  server.listen(port, address);
  await once(server, "listening");
}

ip("link", "set", "lo", "up");
const parameters = process.argv.slice(2);
for (let index = 0; index < parameters.length; index += 3) await open(...parameters.slice(index, index + 3));
process.stdin.on("end", () => process.exit()).resume();
process.stdout.write("open\n");
