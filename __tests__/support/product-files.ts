import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "./project";

const NO_PRODUCT = ["scripts", "__tests__"];
const { include } = JSON.parse(readFileSync(path.join(PROJECT, "tsconfig.json"), "utf8")) as { include: string[] };

/** Top folders of the product: those that are compiled, without what builds and what tests it. */
export const PRODUCT_FOLDERS: readonly string[] = include.filter((name) => !name.endsWith(".ts") && !NO_PRODUCT.includes(name));

/** TypeScript files of the product below these folders, relative to the project. */
export const productFiles = (folders: readonly string[] = PRODUCT_FOLDERS): string[] =>
  folders.flatMap((folder) =>
    readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.join(folder, file)),
  );
