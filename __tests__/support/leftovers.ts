import { readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";

/** Processes of this machine that belong to stacks of a home, by what their command line or environment names. Linux only: /proc. */
export async function processesOf(home: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [commandLine, environment] = await Promise.all([readOrEmpty(`/proc/${pid}/cmdline`), readOrEmpty(`/proc/${pid}/environ`)]);
    const belongs = [commandLine, environment].some((text) => text.split("\0").some((entry) => entry.includes(path.join(home, "stacks"))));
    if (belongs) found.push(`${pid} ${commandLine.replaceAll("\0", " ")}`);
  }
  return found;
}

/** What stacks and runs left in a home; the virtual environment is meant to stay. */
export async function foldersOf(home: string): Promise<string[]> {
  const lists = await Promise.all(["stacks", "runs"].map((name) => readdir(path.join(home, name)).catch(() => [])));
  return lists.flat();
}

/** A process may end while it is looked at. */
const readOrEmpty = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");

/** `ADDRESS:PORT` of everything that processes listen on. Linux only. */
export async function listenersOf(pids: readonly number[]): Promise<string[]> {
  const sockets = new Set<string>();
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    for (const name of await readdir(folder).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(path.join(folder, name)).catch(() => ""))?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
  }
  const tables = (await Promise.all(["tcp", "tcp6", "udp", "udp6"].map((name) => readOrEmpty(`/proc/net/${name}`)))).join("\n");
  return tables.split("\n").flatMap((line) => {
    // number, local address, remote address, state (0A: listening, 07: of UDP), ..., inode as the tenth
    const [, local = "", , state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (!["0A", "07"].includes(state) || !sockets.has(inode)) return [];
    const bytes = address.match(/../g)?.reverse() ?? [];
    return [`${bytes.map((byte) => Number.parseInt(byte, 16)).join(".")}:${Number.parseInt(port, 16)}`];
  });
}
