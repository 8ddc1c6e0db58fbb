import type { Content } from "./contents";

/** A file; two names for the same object are hard links of each other. */
export interface FileNode {
  readonly kind: "file";
  readonly content: Content;
  /** Permission bits. */
  readonly mode: number;
}
export interface FolderNode {
  readonly kind: "folder";
  readonly entries: Entry[];
  readonly mode: number;
}
export interface LinkNode {
  readonly kind: "link";
  readonly target: LinkTarget;
}
export interface SpecialNode {
  readonly kind: "special";
  readonly what: "pipe" | "socket";
}
export type Node = FileNode | FolderNode | LinkNode | SpecialNode;

/** Names are bytes: as characters of Latin-1, one a byte. */
export interface Entry {
  readonly bytes: string;
  readonly node: Node;
}

/** Where a link leads: relative to where it lies, from the top of the tree, or to a device of the machine. */
export type LinkTarget =
  { readonly from: "here" | "top"; readonly path: string } | { readonly from: "machine"; readonly path: "/dev/null" };

/** The UTF-8 bytes of a name, as the tree keeps names. */
export const bytesOf = (name: string): string => Buffer.from(name).toString("latin1");

/** A name as text. @returns undefined for one that is not UTF-8 */
export function textOf(bytes: string): string | undefined {
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return bytesOf(text) === bytes ? text : undefined;
}
