import { exec } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { ENVIRONMENT_NAMES } from "../../../../systems/batch/config/environment-names";
import { configurationOf, synthesize, synthesizedStackSchema, synthesizeText } from "../../../support/synth";

const folders: string[] = [];
const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), "filemill synth "));
  folders.push(folder);
  return folder;
};
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

test.each(ENVIRONMENT_NAMES)("%s is the same in two folders, byte by byte, and names neither", async (name) => {
  const [one, other] = [await makeFolder(), await makeFolder()];
  const text = synthesizeText(configurationOf(name), one);
  expect(synthesizeText(configurationOf(name), other)).toBe(text);
  for (const place of [one, other, process.cwd()]) expect({ place, named: text.includes(place) }).toEqual({ place, named: false });
});

test.each(ENVIRONMENT_NAMES)("%s states where its state is, relative to where Terraform runs", (name) => {
  expect(synthesize(configurationOf(name)).terraform.backend).toEqual({ local: { path: `../../../terraform.batch-${name}.tfstate` } });
});

test("with a bucket for it, the state is there, encrypted and locked", () => {
  const { terraform } = synthesize(configurationOf("prod", { FILEMILL_TERRAFORM_STATE_BUCKET: "our-states" }));
  expect(terraform.backend).toEqual({
    s3: { bucket: "our-states", key: "filemill/batch-prod.tfstate", region: "us-east-1", encrypt: true, use_lockfile: true },
  });
});

test("the provider is pinned to one version", () => {
  expect(synthesize(configurationOf("dev")).terraform.required_providers["aws"]?.version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("a prefix in front of the names lets two environments share an account", () => {
  const plain = synthesize(configurationOf("dev"));
  const prefixed = synthesize(configurationOf("dev", { FILEMILL_NAME_PREFIX: "second-", FILEMILL_OWNER: "second" }));
  const namesOf = ({ resource }: typeof plain): string[] =>
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.values(byId).flatMap((body) =>
        [body["name"], body["function_name"], body["bucket"], body["alarm_name"]].flatMap((value) =>
          typeof value === "string" && !value.includes("${") ? [`${type} ${value}`] : [],
        ),
      ),
    );
  const shared = namesOf(plain).filter((name) => namesOf(prefixed).includes(name));
  // unique inside their role, group or network only
  expect(new Set(shared.map((name) => name.split(" ")[0]))).toEqual(new Set(["aws_iam_role_policy", "aws_security_group"]));
});

describe("main", () => {
  const { app } = z.object({ app: z.string() }).parse(JSON.parse(readFileSync("cdktf.json", "utf8")));
  /** Runs what cdktf runs. */
  const runMain = async (environment: Readonly<Record<string, string>>): Promise<{ code: unknown; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      exec(app, { env: { PATH: process.env["PATH"] ?? "", ...environment } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, stdout, stderr });
      });
    });

  test("an environment that doesn't exist is named, with those that do, and ends with 2", async () => {
    const { code, stderr } = await runMain({ FILEMILL_ENVIRONMENT: "staging", CDKTF_OUTDIR: await makeFolder() });
    expect(code).toBe(2);
    expect(stderr).toContain("FILEMILL_ENVIRONMENT");
    expect(stderr).toContain('there is no environment "staging"; there are local, dev, prod, coursework');
    expect(stderr).not.toContain("    at ");
  });

  test.each([
    ["empty", ""],
    ["below a file", path.join(__filename, "out")],
  ])("an output folder that can't be made (%s) is named, and ends with 2", async (_what, CDKTF_OUTDIR) => {
    const { code, stderr, stdout } = await runMain({ CDKTF_OUTDIR });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`CDKTF_OUTDIR, the folder of what is synthesized, is not usable:\n  '${CDKTF_OUTDIR}': `);
    expect(stderr).not.toContain("    at ");
  });

  test("without one it synthesizes dev into a folder that it makes, and says what it made of it", async () => {
    const outdir = path.join(await makeFolder(), "above", "out");
    const { code, stderr, stdout } = await runMain({ CDKTF_OUTDIR: outdir });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const file = path.join(outdir, "stacks", "batch-dev", "cdk.tf.json");
    const { resource } = synthesizedStackSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const count = Object.values(resource).flatMap(Object.keys).length;
    expect(stdout).toContain(`batch-dev: ${String(count)} resources in ${path.relative("", file)}\n`);
  });
});
