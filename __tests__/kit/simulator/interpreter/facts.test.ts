import { PROJECT } from "../../../support/project";
import { readFileSync } from "node:fs";
import path from "node:path";
import { INTERPRETER_FACTS, renderFacts } from "./support/facts";

const PAGE = path.join(PROJECT, "docs/simulator-interpreter.md");

/** A table as Prettier leaves it, its columns padded, is the same table. */
const unpadded = (text: string): string => text.replaceAll(/ +\|/g, " |").replaceAll(/\| -+ (?=\|)/g, "| --- ");

test("invariant 12: docs/simulator-interpreter.md has the facts of the code, each with its source", () => {
  expect(unpadded(readFileSync(PAGE, "utf8"))).toContain(renderFacts(INTERPRETER_FACTS));
});

test("a behaviour is told once, and every source is a page", () => {
  expect(new Set(INTERPRETER_FACTS.map(({ behaviour }) => behaviour)).size).toBe(INTERPRETER_FACTS.length);
  for (const { source } of INTERPRETER_FACTS) expect(new URL(source).protocol).toBe("https:");
});
