import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/project";

const DIST = path.join(PROJECT, "dist");
/** Of the size in the table: a package's next version may bring so much without anyone having to look. */
const TOLERANCE = 0.05;
/** Notes of the build itself; archives with Node in them, which another command makes; a function's code, of which the zip is held. */
const NOT_HELD = /^(complete|build\.lock|\.filemill-mark\.json|worker\/worker-linux-.*|lambdas\/.*\/index\.js)$/;

const builtFiles = (): string[] =>
  readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(DIST, path.join(entry.parentPath, entry.name)))
    .filter((name) => !NOT_HELD.test(name));

/** The command is in parts, whose names change with what is in them: they are held together. */
function builtSizes(): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const file of builtFiles()) {
    const name = file.startsWith("cli/") ? "cli/*.mjs" : file;
    sizes.set(name, (sizes.get(name) ?? 0) + statSync(path.join(DIST, file)).size);
  }
  return sizes;
}

const tableSizes = (): Map<string, number> =>
  new Map(
    readFileSync(path.join(PROJECT, "docs", "bundles.md"), "utf8")
      .split("\n")
      .map((line) => /^\| `([^`]+)` +\| ([\d,]+) +\| \S.* \|$/.exec(line))
      .flatMap((row) => (row === null ? [] : [[row[1] ?? "", Number(row[2]?.replaceAll(",", ""))] as const])),
  );

test("docs/bundles.md has every file that is built", () => {
  expect([...tableSizes().keys()].sort()).toEqual([...builtSizes().keys()].sort());
});

test("no bundle has grown or shrunk without a word in docs/bundles.md", () => {
  const built = builtSizes();
  const moved = [...tableSizes()].flatMap(([name, held]) => {
    const size = built.get(name) ?? Number.NaN;
    return Math.abs(size - held) <= TOLERANCE * held ? [] : [`${name}: ${size} bytes, not ${held}`];
  });
  expect(moved).toEqual([]);
});

test("no bundle speaks zod's other languages", () => {
  // a word of the Polish messages
  const speaking = builtFiles().filter(
    (name) =>
      /\.m?js$/.test(name) && !name.startsWith("simulator/") && readFileSync(path.join(DIST, name), "utf8").includes("Nieprawidłow"),
  );
  expect(speaking).toEqual([]);
});
