import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Server } from "node:net";
import path from "node:path";
import type { FolderNode, Node, SpecialNode } from "./entries";

/** A pipe and a socket that trees have hard links of. */
export class Specials {
  private constructor(
    private readonly server: Server,
    public readonly paths: Readonly<Record<SpecialNode["what"], string>>,
  ) {}

  /** @param folder on the file system of the trees */
  public static async make(folder: string): Promise<Specials> {
    const paths = { pipe: path.join(folder, "pipe"), socket: path.join(folder, "socket") };
    const { status } = spawnSync("mkfifo", [paths.pipe]);
    if (status !== 0) throw new Error(`mkfifo ${paths.pipe} ended with ${String(status)}`);
    const server = createServer().listen(paths.socket);
    await once(server, "listening");
    return new Specials(server, paths);
  }

  public async close(): Promise<void> {
    this.server.close();
    await once(this.server, "close");
    rmSync(this.paths.pipe);
  }
}

/** Writes a tree to a folder that is there and empty. */
export function writeTree(top: string, tree: FolderNode, specials: Specials["paths"]): void {
  const written = new Map<Node, Buffer>();
  const later: (() => void)[] = [];
  const put = (at: Buffer, node: Node): void => {
    const before = written.get(node);
    if (before !== undefined) {
      linkSync(before, at);
      return;
    }
    if (node.kind === "folder") {
      mkdirSync(at);
      fill(at, node);
    } else if (node.kind === "file") {
      writeFileSync(at, node.content.bytes);
      written.set(node, at);
      later.push(() => {
        chmodSync(at, node.mode);
      });
    } else if (node.kind === "special") linkSync(specials[node.what], at);
    else symlinkSync(node.target.from === "top" ? path.join(top, node.target.path) : node.target.path, at);
  };
  const fill = (at: Buffer, folder: FolderNode): void => {
    for (const { bytes, node } of folder.entries) put(Buffer.concat([at, Buffer.from("/"), Buffer.from(bytes, "latin1")]), node);
    later.push(() => {
      chmodSync(at, folder.mode);
    });
  };
  fill(Buffer.from(top), tree);
  // files first, folders from below: what is closed can't be reached any more
  for (const close of later) close();
}

/** Opens what is closed, so that it can be removed. */
export function openFolders(folder: Buffer | string): void {
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder, { encoding: "buffer" })) {
    const at = Buffer.concat([Buffer.from(folder), Buffer.from("/"), name]);
    if (lstatSync(at).isDirectory()) openFolders(at);
  }
}

const BATCH_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * Everything below a folder: kind, permissions, size, and the times of the last change of the content and of anything else, which tell
 * of each write without its being read. Follows no link, and looks into nothing that is closed.
 *
 * @param results takes new folders of batches, and may be made: its times and those of the folder that it is in don't count
 */
export function fingerprint(folder: string, results: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (at: Buffer): void => {
    const { ctimeNs, ino, mode, mtimeNs, size } = lstatSync(at, { bigint: true });
    const text = at.toString();
    if (path.dirname(text) === results && BATCH_ID.test(path.basename(text))) return;
    if (text !== results) {
      const changing = text === path.dirname(results) ? [] : [size, mtimeNs, ctimeNs];
      found.set(at.toString("latin1"), [mode.toString(8), ino, ...changing].join(" "));
    }
    if ((mode & 0o170000n) !== 0o040000n || (process.getuid?.() !== 0 && (mode & 0o500n) !== 0o500n)) return;
    for (const each of readdirSync(at, { encoding: "buffer" })) visit(Buffer.concat([at, Buffer.from("/"), each]));
  };
  visit(Buffer.from(folder));
  return found;
}
