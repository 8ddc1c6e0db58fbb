import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App, Testing, TerraformStack } from "cdktf";
import { z } from "zod";
import { describedFunction, type GivenTo } from "../../constructs/functions/described-function";
import type { Addressed, Usable } from "../../constructs/functions/usable";
import type { Grantee } from "../../constructs/iam/statement";
import { defineFunction } from "../../kit/function/define-function";
import type { ResourceUse } from "../../kit/function/use";
import { present } from "../../kit/lib/present";

const folder = mkdtempSync(path.join(tmpdir(), "filemill-described-"));
const zipFile = path.join(folder, "x.zip");
writeFileSync(zipFile, "stand-in");
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Verb = "get" | "put";
const shelf: ResourceUse<"shelf", string, "shelf", Verb, false> = {
  kind: "shelf",
  resource: "shelf",
  may: ["put", "get"],
  prefix: "left/",
  variable: { name: "SHELF_NAME", address: z.string() },
};
const lamp: ResourceUse<"lamp", string | undefined, "lamp", "light", true> = {
  kind: "lamp",
  resource: "lamp",
  may: ["light"],
  variable: { name: "LAMP_NAME", address: z.string() },
  isOptional: true,
};
const example = defineFunction({
  name: "example",
  description: "Puts things on a shelf",
  input: z.unknown(),
  settings: z.strictObject({ things: z.int() }),
  uses: { shelf, lamp },
  asynchronousEvents: { retries: 1, maximumAgeSeconds: 90 },
  compose: () => () => Promise.resolve(),
});

const usable = <V extends string>(what: string, ...verbs: readonly V[]): Addressed<V> => ({
  address: `the ${what}`,
  grants: Object.fromEntries(
    verbs.map((verb) => [
      verb,
      (grantee: Grantee, prefix: string) => {
        grantee.addStatement({ sid: `${verb}${what}`, actions: [`${what}:${verb}`], resources: [`arn:${what}/${prefix}`] });
      },
    ]),
  ) as Usable<V>["grants"],
});

interface Synthesized {
  readonly environment: unknown;
  readonly statements: readonly { readonly Sid: string; readonly Resource: unknown }[];
  readonly events: readonly unknown[];
}

function synthesized(given: GivenTo<typeof example>): Synthesized {
  const stack = new TerraformStack(Testing.stubVersion(new App({ stackTraces: false, outdir: folder })), "s");
  describedFunction(stack, "X", example, given, {
    functionName: "x",
    zipFile,
    memoryMebibytes: 128,
    timeoutSeconds: 3,
    ephemeralStorageMebibytes: 512,
    logRetentionDays: 1,
  });
  const { resource } = JSON.parse(Testing.synth(stack)) as { resource: Record<string, Record<string, Record<string, unknown>>> };
  const only = (type: string): Record<string, unknown> => Object.values(resource[type] ?? {})[0] ?? {};
  const { Statement } = JSON.parse(String(only("aws_iam_role_policy")["policy"])) as { Statement: Synthesized["statements"] };
  return {
    environment: only("aws_lambda_function")["environment"],
    statements: Statement.filter(({ Sid }) => Sid !== "WriteLogs"),
    events: Object.values(resource["aws_lambda_function_event_invoke_config"] ?? {}),
  };
}

const settings = { things: 3 };

test("variables and grants are those of the uses: an address each, a statement for each verb, below the prefix", () => {
  const { environment, events, statements } = synthesized({
    resources: { shelf: usable("shelf", "get", "put"), lamp: usable("lamp", "light") },
    settings,
  });
  expect(environment).toEqual({ variables: { SHELF_NAME: "the shelf", LAMP_NAME: "the lamp", SETTINGS: '{"things":3}' } });
  expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
    ["putshelf", ["arn:shelf/left/"]],
    ["getshelf", ["arn:shelf/left/"]],
    ["lightlamp", ["arn:lamp/"]],
  ]);
  expect(events).toEqual([expect.objectContaining({ maximum_retry_attempts: 1, maximum_event_age_in_seconds: 90 })]);
});

test("what is optional and not there leaves neither variable nor grant; without an address, no variable", () => {
  const { environment, statements } = synthesized({ resources: { shelf: usable("shelf", "get", "put"), lamp: undefined }, settings });
  expect(environment).toEqual({ variables: { SHELF_NAME: "the shelf", SETTINGS: '{"things":3}' } });
  expect(statements.map(({ Sid }) => Sid)).toEqual(["putshelf", "getshelf"]);
  const { grants } = usable("lamp", "light");
  const unaddressed = synthesized({ resources: { shelf: usable("shelf", "get", "put"), lamp: { grants } }, settings });
  expect(unaddressed.environment).toEqual(environment);
  expect(unaddressed.statements.map(({ Sid }) => Sid)).toContain("lightlamp");
});

test("a stack that lacks a resource, a grant or a setting of a function doesn't compile", () => {
  const all = { shelf: usable("shelf", "get", "put"), lamp: undefined };
  const wrong: readonly GivenTo<typeof example>[] = [
    // @ts-expect-error there is no shelf
    { resources: { lamp: undefined }, settings },
    // @ts-expect-error the shelf can't be put on
    { resources: { ...all, shelf: usable("shelf", "get") }, settings },
    // @ts-expect-error nobody says where the shelf is
    { resources: { ...all, shelf: { grants: all.shelf.grants } }, settings },
    // @ts-expect-error no settings
    { resources: all },
    // @ts-expect-error a setting that there isn't
    { resources: all, settings: { ...settings, lamps: 1 } },
  ];
  // what no type sees is refused all the same
  expect(() => synthesized(present(wrong[1], "the second"))).toThrow(/put of shelf/);
});
