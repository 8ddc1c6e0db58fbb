import type { FolderNode, Node } from "./entries";

/** A tree as lines, for whoever looks into what is wrong with it. */
export function drawn(folder: FolderNode, indent = "  "): string[] {
  return folder.entries.flatMap(({ bytes, node }) => [
    `${indent}${JSON.stringify(bytes)} ${kindOf(node)}`,
    ...(node.kind === "folder" ? drawn(node, `${indent}  `) : []),
  ]);
}

function kindOf(node: Node): string {
  switch (node.kind) {
    case "folder":
      return `folder ${node.mode.toString(8)}`;
    case "link":
      return `link to ${node.target.path} from ${node.target.from}`;
    case "special":
      return node.what;
    case "file":
      return `file ${node.mode.toString(8)}, ${node.content.bytes.length} bytes, ${node.content.made.as}`;
  }
}
