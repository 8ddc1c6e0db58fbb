import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/project";

test("every folder of the kit, and each that has code at the top, is in the table of where things live", () => {
  const text = readFileSync(path.join(PROJECT, "docs", "architecture.md"), "utf8");
  const table = text.slice(text.indexOf("## Where things live"), text.indexOf("## Environment variables"));
  const foldersOf = (folder: string): string[] =>
    readdirSync(path.join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const expected = [
    ...foldersOf("kit").map((name) => `\`kit/${name}\``),
    ...["kit", "constructs", "workloads", "command", "bench", "scripts", "examples", "worker", "__tests__"].map((name) => `\`${name}/`),
  ];
  expect(expected.filter((name) => !table.includes(name))).toEqual([]);
});
