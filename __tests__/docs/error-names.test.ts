import { readFileSync } from "node:fs";
import path from "node:path";
import { productFiles } from "../support/product-files";
import { PROJECT } from "../support/project";

/** What the simulator throws in a service's stead has the name that the service gives it. */
const NAMED_BY_AWS = /^kit\/simulator\/memory\//;
const classes = productFiles()
  .filter((file) => !NAMED_BY_AWS.test(file))
  .flatMap((file) =>
    [...readFileSync(path.join(PROJECT, file), "utf8").matchAll(/(?<!abstract )class (\w+) extends \w*Error \{([^}]*)/g)].map(
      ([, name, body]) => [name ?? "", file, body ?? ""] as const,
    ),
  );

test("there are error classes to look at", () => {
  expect(classes.length).toBeGreaterThan(50);
});

test.each(classes)("%s in %s is named as its class: Step Functions, logs and exit codes match by name", (name, _file, body) => {
  expect(body).toMatch(new RegExp(`readonly name(: string)? = "${name}";`));
});

test("no two classes have one name: whoever matches one of them would miss the other", () => {
  const names = classes.map(([name]) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
