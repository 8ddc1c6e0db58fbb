import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import picomatch from "picomatch";
import { z } from "zod";
import { PROJECT } from "../support/project";
import { productFiles } from "../support/product-files";

const groups = z
  .record(
    z.string(),
    z.strictObject({ mutate: z.array(z.string()).min(1), tests: z.array(z.string()).min(1), options: z.array(z.string()).optional() }),
  )
  .parse(JSON.parse(readFileSync(path.join(PROJECT, "scripts", "mutation-groups.json"), "utf8")));

/** What the pattern of a group names, and `!` takes back again. */
function filesOf(patterns: readonly string[], files: readonly string[]): string[] {
  const [taken, left] = [patterns.filter((each) => !each.startsWith("!")), patterns.filter((each) => each.startsWith("!"))];
  const isTaken = picomatch(taken);
  const isLeft = picomatch(left.map((each) => each.slice(1)));
  return files.filter((file) => isTaken(file) && !isLeft(file));
}

const files = productFiles();

test.each(Object.entries(groups))("what the mutation group %s names is there", (_, { mutate, tests }) => {
  for (const pattern of mutate) expect([pattern, filesOf([pattern.replace(/^!/, "")], files)]).not.toEqual([pattern, []]);
  for (const name of tests) {
    const at = path.join(PROJECT, "__tests__", name);
    expect([name, existsSync(at) || existsSync(`${at}.test.ts`)]).toEqual([name, true]);
  }
});

test("every file of the rules is in a group", () => {
  const rules = filesOf(["kit/lib/**/*.ts", "systems/*/core/**/*.ts", "worker/**/*.ts", "workloads/*/**/*.ts"], files);
  const apart = filesOf(
    [
      // generated
      "workloads/word-count/{unicode/tables,simd/compiled}.ts",
      // AssemblyScript: compiled to what runs, which each test of the counter does
      "workloads/word-count/simd/kernel/*.ts",
      // compositions and what they read: the runs on the emulator are their tests
      "worker/{main,env}.ts",
      // deletes what was deployed: its tests are the command's
      "systems/batch/core/teardown/*.ts",
    ],
    files,
  );
  const grouped = new Set(Object.values(groups).flatMap(({ mutate }) => filesOf(mutate, files)));
  expect(rules.length).toBeGreaterThan(150);
  expect(apart.length).toBeGreaterThan(3);
  expect(rules.filter((file) => !grouped.has(file) && !apart.includes(file))).toEqual([]);
});
