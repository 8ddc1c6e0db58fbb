import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { EVERY_SYSTEM, SYSTEMS } from "../../systems";
import { differingPaths } from "../support/differing-paths";
import { PROJECT } from "../support/project";

const foldersIn = (...folder: string[]): string[] =>
  readdirSync(path.join(PROJECT, ...folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

test("every folder of systems/ and of lambdas/ is a system's, and every system has its folder", () => {
  const names: readonly string[] = EVERY_SYSTEM.map(({ name }) => name);
  expect([...names].sort()).toEqual(foldersIn("systems").sort());
  expect(foldersIn("lambdas").filter((folder) => !names.includes(folder))).toEqual([]);
});

test("no two systems have processes of one name: the command says how many by it", () => {
  const names = SYSTEMS.flatMap(({ processes }) => processes.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});

test.each(EVERY_SYSTEM.map((system) => [system.name, system] as const))("%s", async (name, manifest) => {
  const [configuration, functions] = await Promise.all([manifest.configuration(), manifest.functions()]);
  expect(configuration.environments).toEqual(manifest.environments);
  // its functions are the folders of lambdas/<name>, which the build takes
  expect([...functions].sort()).toEqual(functions.length === 0 ? [] : foldersIn("lambdas", name).sort());
  // whatever it reads can be told from what the others read
  expect(configuration.variables.every((variable) => variable.startsWith("FILEMILL_"))).toBe(true);
});

test.each(SYSTEMS.map((system) => [system.name, system] as const))("%s runs here as in dev", async (_, manifest) => {
  const configuration = await manifest.configuration();
  // local differs from dev in what is listed, and in nothing else (invariant 10)
  const load = (environment: string): unknown => configuration.load({ FILEMILL_ENVIRONMENT: environment });
  expect(differingPaths(load("dev"), load("local")).sort()).toEqual(Object.keys(configuration.localDifferences).sort());
});

test("programs have only those parts of a system that they ask for: the command no stack, the supervisor no verbs", () => {
  const program = (...file: string[]): string => readFileSync(path.join(PROJECT, "dist", ...file), "utf8");
  // its parts are files of their own
  const command = readdirSync(path.join(PROJECT, "dist", "cli")).map((name) => program("cli", name));
  const [stack, verbs] = ["extends SystemStack", "function batchCommand("] as const;
  expect(program("main.js")).toContain(stack);
  expect(command.filter((code) => code.includes(verbs))).toHaveLength(1);
  for (const code of [...command, program("local", "supervisor.js")]) expect(code).not.toContain(stack);
  for (const file of [["main.js"], ["local", "supervisor.js"]] as const) expect(program(...file)).not.toContain(verbs);
});
