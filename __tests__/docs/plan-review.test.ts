import { readFileSync } from "node:fs";
import path from "node:path";
import { RULES } from "../../kit/plan-review/rules";
import { PROJECT } from "../support/project";

test("docs/plan-review.md has every rule, in its order, as the rule itself says it", () => {
  const text = readFileSync(path.join(PROJECT, "docs", "plan-review.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([\w-]+)` +\| (blocks|tells) +\| (.*?) +\|$/gm)].map(([, id, breach, title]) => [id, breach, title]);
  expect(rows).toEqual(RULES.map(({ id, severity, title }) => [id, severity === "block" ? "blocks" : "tells", title]));
});
