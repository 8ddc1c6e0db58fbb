import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ENVIRONMENT, Harness, OUTPUTS } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

describe("the stack that is talked to", () => {
  const outputsFile = (): string => path.join(harness.directory, "outputs.json");
  beforeEach(async () => {
    const deployed = { ...OUTPUTS, region: "eu-west-1" };
    const terraform = Object.fromEntries(
      Object.entries(deployed).map(([name, value]) => [name, { sensitive: false, type: "string", value }]),
    );
    await writeFile(outputsFile(), JSON.stringify(terraform));
  });

  test("is the local one that is up, with its credentials", async () => {
    await harness.submitted();
    expect(harness.connected).toEqual([
      { description: "the local stack at http://127.0.0.1:4566", outputs: OUTPUTS, environment: ENVIRONMENT },
    ]);
  });
  test("is the deployed one that is named, with the user's own credentials, even if a local one is up", async () => {
    await harness.submitted("--stack-outputs", "outputs.json");
    harness.variables = { FILEMILL_STACK_OUTPUTS: outputsFile() };
    await harness.submitted();
    expect(harness.connected).toHaveLength(2);
    for (const target of harness.connected)
      expect(target).toEqual({ description: expect.stringContaining("eu-west-1") as string, outputs: { ...OUTPUTS, region: "eu-west-1" } });
  });
  test("neither: both ways out are told", async () => {
    await harness.run("local", "down");
    const { exitCode, stderr } = await harness.run("submit", "texts");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: no stack to talk to.*\nfix: .*filemill local up.*--stack-outputs.*FILEMILL_STACK_OUTPUTS\n$/);
  });
  test.each([
    ["no file", undefined, /can't read the stack's outputs/],
    ["no JSON", "{", /is not JSON/],
    ["outputs of another stack", '{"url":{"value":"x"}}', /holds no outputs of a filemill stack: it has none of them\n/],
    ["no outputs", "{}", /holds no outputs of a filemill stack: it has none of them\n/],
    [
      "some of them",
      JSON.stringify({ ...OUTPUTS, region: 5, state_bucket: undefined, results_table: undefined }),
      /: state_bucket, results_table are missing; region has no usable value\n/,
    ],
  ])("%s is refused, in two lines", async (_name, content, message) => {
    if (content === undefined) await rm(outputsFile());
    else await writeFile(outputsFile(), content);
    const { exitCode, stderr } = await harness.run("status", "--stack-outputs", "outputs.json");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\nfix: write it again with `terraform output -json > FILE`[^\n]+\n$/);
  });
  test("a deployed one is named, for what is done there may cost something; the local one goes without saying", async () => {
    expect((await harness.run("status", "--stack-outputs", "outputs.json")).stderr).toBe(
      "with the stack deployed in eu-west-1 (outputs: outputs.json)\n",
    );
    expect((await harness.run("status")).stderr).toBe("");
  });
});
