import { PRODUCT_FOLDERS } from "../../support/product-files";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { PROJECT } from "../../support/command";

const FOLDERS = [...PRODUCT_FOLDERS, "bin", "scripts"];
/** The module that removes; and the file system in memory, whose errors name the calls of the real one. */
const ALLOWED = ["kit/folders/removal.ts", "kit/simulator/memory/memory-file-system.ts"];
/** What removes in Node, whatever it is called through. */
const REMOVERS = /\b(rm|rmSync|rmdir|rmdirSync|unlink|unlinkSync|rimraf)\b(\s*[(,}\]]|["'])/;

test("one module of the product removes files and folders, and no other (the linter says so where it is written)", async () => {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    for (const name of await readdir(path.join(PROJECT, folder), { recursive: true })) {
      if (!/\.([cm]?js|ts)$/.test(name)) continue;
      const source = await readFile(path.join(PROJECT, folder, name), "utf8");
      if (REMOVERS.test(source.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""))) found.push(`${folder}/${name}`);
    }
  }
  expect(found.toSorted()).toEqual(ALLOWED);
});
