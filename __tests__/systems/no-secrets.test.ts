import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { synthesizeStacks } from "../../kit/graph/synthesize-stacks";
import { grantsOf, type Grant } from "../../kit/plan-review/iam/policy";
import { EVERY_SYSTEM } from "../../systems";
import { PROJECT } from "../support/project";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-secrets-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Texts of the file that a deployment of an environment is made from. */
async function textsOf(system: string, environmentName: string): Promise<string[]> {
  const outputDirectory = path.join(folder, `${system}-${environmentName}`);
  const files = await synthesizeStacks({
    projectDirectory: PROJECT,
    environmentName,
    systems: [system],
    outputDirectory,
    environment: process.env,
  });
  return [...textsIn(JSON.parse(await readFile(files[system] ?? "", "utf8")))];
}

/** Every text in a value. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsIn(each);
}

const isOpenToAnybody = ({ conditions, effect, principal }: Grant): boolean =>
  effect === "Allow" && (principal === "*" || principal.startsWith("!")) && conditions.length === 0;

describe.each(EVERY_SYSTEM.flatMap(({ name, environments }) => environments.map((environment) => [name, environment] as const)))(
  "%s-%s",
  (system, environment) => {
    let texts: string[];
    beforeAll(async () => {
      texts = await textsOf(system, environment);
    });

    test.each([
      ["access key", /\bA(?:KI|SI)A[0-9A-Z]{16}\b/],
      ["private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
      ["password or secret with a value", /\b(?:password|secret(?:_?access)?_?key|api_?key|token)["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{12,}/i],
      ["account id", /(?:^|[^0-9a-zA-Z.])\d{12}(?:[^0-9a-zA-Z.]|$)/],
    ])("holds no %s (invariant 11)", (_, pattern) => {
      expect(texts.filter((text) => pattern.test(text)).map((text) => pattern.exec(text)?.[0])).toEqual([]);
    });

    test("allows nothing to anybody without a condition (invariant 11)", () => {
      const grants = texts.flatMap((text) => (text.trimStart().startsWith("{") ? (grantsOf(text) ?? []) : []));
      expect(grants.length).toBeGreaterThan(10);
      expect(grants.filter(isOpenToAnybody)).toEqual([]);
    });
  },
);
