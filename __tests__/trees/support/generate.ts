import { makeContent } from "./contents";
import { Dice } from "./dice";
import { bytesOf, textOf } from "./entries";
import type { Entry, FileNode, FolderNode, LinkTarget, Node } from "./entries";
import { PATTERNS } from "./patterns";
import type { Pattern } from "./patterns";
import { Resolver } from "./resolve";

/** What a gzip file of a tree may unpack to, in bytes. */
export const UNPACKED_LIMIT_BYTES = 120_000;

export type TreeEncoding = "auto" | "utf-8" | "latin-1" | "utf-16le";

/** A tree and how it is submitted. */
export interface Case {
  readonly seed: number;
  readonly top: FolderNode;
  /** As they are typed; `{top}` stands for the tree's absolute path. */
  readonly paths: readonly string[];
  /** What `--out` names; undefined: nothing is said. */
  readonly out: string | undefined;
  readonly include: readonly Pattern[];
  readonly exclude: readonly Pattern[];
  readonly defaultExcludes: boolean;
  readonly skipUnreadable: boolean;
  readonly encoding: TreeEncoding;
  readonly minimumWordLength: number;
  readonly top10: number;
}

export interface GenerateOptions {
  /** Whether permissions hold: they don't for root. */
  readonly permissions: boolean;
}

const PLAIN_NAMES = ["a", "b", "c", "a.txt", "b.txt", "drafts", "x.gz", "Y.GZ", "z"] as const;
const EXCLUDED_NAMES = [".git", ".hg", ".svn", ".filemill", "filemill-out", ".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"] as const;
const ODD_NAMES = [
  "-rf", "--", "-", "~", "..a", "...", ".hidden", " ", " lead", "trail ", "new\nline.txt", "tab\t", "\u001b[31mred", "cr\r", "bell\u0007.txt", "del\u007f",
  "quote'\".txt", "back\\slash", "`x`$(y)", "*.txt", "[a]", "{a,b}.txt", "?", "a+b%20c", "é", "e\u0301", "\u202etxt", "\u200b", "\ufeffbom.txt", "\u2028",
  "__proto__", "constructor", "s3:", "C:", "ｆｕｌｌ", "\u{1f600}", "\uffff", "n".repeat(255), "%2e%2e", "#", "a;b", "con", "\u0085",
] as const; // prettier-ignore
/** Names that are not UTF-8. */
const BROKEN_NAMES = ["\xe4", "\xff.txt", "a\xc3", "\xed\xa0\x80"] as const;
const FOLDER_MODES = [0o000, 0o311, 0o644, 0o444] as const;

/** Makes the tree of a seed. */
export function generate(seed: number, options: GenerateOptions): Case {
  const dice = new Dice(seed);
  const generator = new Generator(dice, options.permissions);
  const top = generator.top();
  const patterns = (): Pattern[] => (dice.chance(0.12) ? Array.from({ length: 1 + dice.below(2) }, () => dice.pick(PATTERNS)) : []);
  return {
    seed,
    top,
    paths: generator.paths(top),
    out: dice.weighted<string | undefined>([
      [8, undefined],
      [1, "in/results"],
      [0.5, "in"],
      [0.5, "results of \u001b[31m"],
      [0.5, "elsewhere"],
      [0.5, "out-link"],
      [0.3, "a-file"],
    ]),
    include: patterns(),
    exclude: patterns(),
    defaultExcludes: dice.chance(0.85),
    skipUnreadable: dice.chance(0.5),
    encoding: dice.weighted<TreeEncoding>([[8, "auto"], [0.7, "utf-8"], [0.7, "latin-1"], [0.7, "utf-16le"]]), // prettier-ignore
    minimumWordLength: 1 + dice.below(6),
    top10: 1 + dice.below(20),
  };
}

class Generator {
  private readonly files: FileNode[] = [];
  /** Of this tree: many have nothing that is refused, or most would be. */
  private readonly hasProblems: boolean;
  private readonly size: number;

  public constructor(
    private readonly dice: Dice,
    private readonly permissions: boolean,
  ) {
    this.hasProblems = dice.chance(0.45);
    this.size = dice.weighted([[3, 3], [3, 6], [1, 12]]); // prettier-ignore
  }

  /** The folder that the command is started in. */
  public top(): FolderNode {
    const { dice } = this;
    const entries: Entry[] = [
      { bytes: "in", node: this.folder(0, 3) },
      { bytes: "more", node: this.folder(0, 2) },
      { bytes: "elsewhere", node: this.folder(0, 1) },
      { bytes: "a-file", node: this.file() },
      { bytes: "out-link", node: { kind: "link", target: { from: "top", path: dice.pick(["in", "more", "elsewhere/results"]) } } },
      { bytes: "link", node: { kind: "link", target: this.target(0) } },
    ];
    for (const bytes of [".filemill", "filemill-out"]) if (dice.chance(0.3)) entries.push({ bytes, node: this.folder(0, 1) });
    if (dice.chance(0.15)) entries.push({ bytes: "long", node: this.longName(1 + dice.below(5)) });
    return { kind: "folder", entries: dice.shuffled(entries), mode: 0o755 };
  }

  /** One to four paths, as somebody types them. */
  public paths(top: FolderNode): string[] {
    const { dice } = this;
    const names = namesBelow(top);
    const one = (): string =>
      dice.weighted<() => string>([
        [6, () => "in"],
        [2, () => "more"],
        [1, () => "a-file"],
        [1, () => "link"],
        [0.5, () => "."],
        [0.5, () => "{top}/in"],
        [0.3, () => "in/"],
        [0.3, () => "./more/../in"],
        [0.3, () => "link/.."],
        [0.3, () => "link/../in"],
        [0.3, () => "long"],
        [0.1, () => "nowhere"],
        [0.1, () => ""],
        [3, () => (names.length === 0 ? "in" : dice.pick(names))],
      ])();
    const count = dice.weighted([[6, 1], [3, 2], [1, 3], [1, 4]]); // prettier-ignore
    return Array.from({ length: count }, one).map((path) => (staysInside(top, path) ? path : "in"));
  }

  private folder(depth: number, levels: number): FolderNode {
    const entries = new Map<string, Node>();
    const count = this.dice.below(this.size + 1);
    for (let index = 0; index < count; index += 1) entries.set(this.name(), this.node(depth + 1, levels));
    return { kind: "folder", entries: [...entries].map(([bytes, node]) => ({ bytes, node })), mode: this.folderMode() };
  }

  private node(depth: number, levels: number): Node {
    const { dice } = this;
    const kinds: (readonly [number, () => Node])[] = [
      [10, () => this.file()],
      [levels > 0 ? 4 : 0, () => this.folder(depth, levels - 1)],
      [1.5, () => ({ kind: "link", target: this.target(depth) })],
      [1, () => (this.files.length === 0 ? this.file() : dice.pick(this.files))],
    ];
    if (this.hasProblems) {
      kinds.push(
        [0.4, () => ({ kind: "link", target: { from: "here", path: dice.pick(["nowhere", "a/nowhere", "a.txt/x", "c"]) } })],
        [0.4, () => ({ kind: "special", what: dice.pick(["pipe", "socket"]) })],
        [0.2, () => ({ kind: "link", target: { from: "machine", path: "/dev/null" } })],
      );
    }
    return dice.weighted(kinds)();
  }

  private name(): string {
    const { dice } = this;
    return dice.weighted<string>([
      [10, dice.pick(PLAIN_NAMES)],
      [0.8, dice.pick(EXCLUDED_NAMES)],
      [3, bytesOf(dice.pick(ODD_NAMES))],
      [this.hasProblems ? 0.3 : 0, dice.pick(BROKEN_NAMES)],
    ]);
  }

  /** Upwards never further than the top: what a link leads to is always the tree's, the machine's own `/dev/null`, or nothing. */
  private target(depth: number): LinkTarget {
    const { dice } = this;
    return dice.weighted<LinkTarget>([
      [2, { from: "here", path: dice.pick(PLAIN_NAMES) }],
      [1, { from: "here", path: "." }],
      [1, { from: "here", path: Array.from({ length: dice.below(depth + 1) }, () => "..").join("/") || "." }],
      [3, { from: "top", path: dice.pick(["in", "more", "elsewhere", "in/a", "in/b", "more/a", "elsewhere/b", "a-file", "link", "filemill-out", "."]) }],
      [1, { from: "top", path: `${dice.pick(["in", "more", "elsewhere"])}/${dice.pick(PLAIN_NAMES)}/${dice.pick(PLAIN_NAMES)}` }],
    ]); // prettier-ignore
  }

  private file(): FileNode {
    const mode =
      this.permissions && this.hasProblems && this.dice.chance(0.08)
        ? this.dice.pick([0o000, 0o200])
        : this.dice.pick([0o644, 0o600, 0o755, 0o444]);
    const node: FileNode = { kind: "file", content: makeContent(this.dice, UNPACKED_LIMIT_BYTES), mode };
    this.files.push(node);
    return node;
  }

  private folderMode(): number {
    return this.permissions && this.hasProblems && this.dice.chance(0.06) ? this.dice.pick(FOLDER_MODES) : 0o755;
  }

  /** Folders with long names in each other: from four on the name of what is in them is longer than a key may be. */
  private longName(levels: number): FolderNode {
    const inner: Node = levels === 0 ? this.file() : this.longName(levels - 1);
    return { kind: "folder", entries: [{ bytes: levels === 0 ? "a" : "l".repeat(200 + this.dice.below(55)), node: inner }], mode: 0o755 };
  }
}

function staysInside(top: FolderNode, path: string): boolean {
  try {
    new Resolver(top, true).path([top], path.replace("{top}/", ""));
    return true;
  } catch {
    return false;
  }
}

/** Paths of everything below a folder whose name is text. */
function namesBelow({ entries }: FolderNode, prefix = ""): string[] {
  return entries.flatMap(({ bytes, node }) => {
    const name = textOf(bytes);
    if (name === undefined) return [];
    const path = prefix + name;
    return node.kind === "folder" ? [path, ...namesBelow(node, `${path}/`)] : [path];
  });
}
