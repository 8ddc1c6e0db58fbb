import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const project = path.resolve(__dirname, "..", "..");
const sources = ["core", "lambdas", "worker"].flatMap((folder) =>
  readdirSync(path.join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(folder, file)),
);
const classes = sources.flatMap((file) =>
  [...readFileSync(path.join(project, file), "utf8").matchAll(/(?<!abstract )class (\w+) extends \w*Error \{([^}]*)/g)].map(
    ([, name, body]) => [name ?? "", file, body ?? ""] as const,
  ),
);

test("there are error classes to look at", () => {
  expect(classes.length).toBeGreaterThan(25);
});

test.each(classes)("%s in %s is named as its class: Step Functions, logs and exit codes match by name", (name, _file, body) => {
  expect(body).toContain(`readonly name = "${name}";`);
});
