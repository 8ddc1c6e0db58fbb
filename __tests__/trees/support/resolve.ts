import { bytesOf } from "./entries";
import type { FileNode, FolderNode, LinkNode, SpecialNode } from "./entries";

/** What a path leads to, links followed. */
export type Found = FileNode | FolderNode | SpecialNode | "nothing" | "circle" | "closed";

/** The kernel follows so many links in one path. https://man7.org/linux/man-pages/man7/path_resolution.7.html */
const MAXIMUM_LINKS = 40;

/** Whether a folder lets its owner through to what is in it. */
export const isSearchable = ({ mode }: FolderNode, isRoot: boolean): boolean => isRoot || (mode & 0o100) !== 0;
export const isListable = ({ mode }: FolderNode, isRoot: boolean): boolean => isRoot || (mode & 0o400) !== 0;

/** Follows paths in a tree as the kernel does, step by step. */
export class Resolver {
  public constructor(
    private readonly top: FolderNode,
    private readonly isRoot: boolean,
  ) {}

  /** @param from the folders that lead to where the path begins, the top first */
  public path(from: readonly FolderNode[], path: string): Found {
    return this.walk([...from], path.split("/"), { links: 0 });
  }

  /** What a link leads to, that lies in the last of these folders. */
  public link(from: readonly FolderNode[], link: LinkNode): Found {
    return this.follow([...from], link, { links: 0 });
  }

  /** The folders down to one that a path leads to. @returns undefined when it leads to none */
  public foldersTo(from: readonly FolderNode[], path: string): readonly FolderNode[] | undefined {
    const folders = [...from];
    const found = this.walk(folders, path.split("/"), { links: 0 });
    return typeof found !== "string" && found.kind === "folder" ? folders : undefined;
  }

  /** As `foldersTo`, of a link. */
  public foldersToLinked(from: readonly FolderNode[], link: LinkNode): readonly FolderNode[] | undefined {
    const folders = [...from];
    const found = this.follow(folders, link, { links: 0 });
    return typeof found !== "string" && found.kind === "folder" ? folders : undefined;
  }

  private follow(folders: FolderNode[], { target }: LinkNode, followed: { links: number }): Found {
    followed.links += 1;
    if (followed.links > MAXIMUM_LINKS) return "circle";
    if (target.from === "machine") return { kind: "special", what: "pipe" };
    if (target.from === "top") folders.splice(0, folders.length, this.top);
    return this.walk(folders, target.path.split("/"), followed);
  }

  /** @param folders where it is; changed to where it ends */
  private walk(folders: FolderNode[], parts: readonly string[], followed: { links: number }): Found {
    let found: Found = lastOf(folders);
    for (const part of parts) {
      if (typeof found === "string") return found;
      if (found.kind !== "folder") return "nothing";
      if (part === "" || part === ".") continue;
      // what is above a folder is known without a look into it
      if (part !== ".." && !isSearchable(found, this.isRoot)) return "closed";
      found = part === ".." ? above(folders) : this.step(folders, found, part, followed);
    }
    return found;
  }

  private step(folders: FolderNode[], { entries }: FolderNode, part: string, followed: { links: number }): Found {
    const node = entries.find(({ bytes }) => bytes === bytesOf(part))?.node;
    if (node === undefined) return "nothing";
    if (node.kind === "link") return this.follow(folders, node, followed);
    if (node.kind === "folder") folders.push(node);
    return node;
  }
}

function above(folders: FolderNode[]): Found {
  if (folders.length === 1) throw new RangeError("a path leads above the tree: the generator makes none");
  folders.pop();
  return lastOf(folders);
}

function lastOf(folders: readonly FolderNode[]): FolderNode {
  const last = folders.at(-1);
  if (last === undefined) throw new RangeError("a path begins in no folder");
  return last;
}
