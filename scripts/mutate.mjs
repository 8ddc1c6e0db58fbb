/**
 * `npm run mutate GROUP [-- OPTION...]`: a mutation run over one group of scripts/mutation-groups.json, with the options of `stryker run`
 * besides; docs/mutation.md explains it. Without a group it lists them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** A wrong call, as the shell's convention has it. */
const EXIT_UNUSABLE = 2;

const projectDirectory = path.resolve(import.meta.dirname, "..");
const groups = JSON.parse(readFileSync(path.join(import.meta.dirname, "mutation-groups.json"), "utf8"));
const [name = "", ...given] = process.argv.slice(2);

if (!Object.hasOwn(groups, name)) {
  const problem = name === "" ? "no group was named" : `'${name}' is no group`;
  process.stderr.write(`error: ${problem}; there are ${Object.keys(groups).join(", ")}\nfix: npm run mutate GROUP\n`);
  process.exitCode = EXIT_UNUSABLE;
} else {
  const { mutate, tests, options = [] } = groups[name];
  const program = path.join(
    path.dirname(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json")),
    "bin",
    "stryker.js",
  );
  const stryker = spawn(process.execPath, [program, "run", "--mutate", mutate.join(","), ...options, ...given], {
    cwd: projectDirectory,
    stdio: "inherit",
    env: { ...process.env, MUTATION_TESTS: tests.join(",") },
  });
  const [exitCode] = await once(stryker, "exit");
  process.exitCode = exitCode ?? 1;
}
