import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { SYSTEMS } from "../../systems";
import { PROJECT } from "../support/command";

const stepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const permissionsSchema = z.record(z.string(), z.enum(["read", "write", "none"]));
const workflowSchema = z.object({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: permissionsSchema,
  jobs: z.record(
    z.string(),
    z.object({
      "timeout-minutes": z.int().min(1),
      permissions: permissionsSchema.optional(),
      strategy: z.object({ matrix: z.object({ system: z.array(z.string()), environment: z.array(z.string()) }) }).optional(),
      steps: z.array(stepSchema),
    }),
  ),
});

const FOLDER = path.join(PROJECT, ".github", "workflows");
const FILES = readdirSync(FOLDER);
const textOf = (file: string): string => readFileSync(path.join(FOLDER, file), "utf8");
const workflowOf = (file: string): z.output<typeof workflowSchema> => workflowSchema.parse(parse(textOf(file)));
const stepsOf = (file: string): z.output<typeof stepSchema>[] => Object.values(workflowOf(file).jobs).flatMap(({ steps }) => steps);

/** What a job may do beyond reading, and in which workflow. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  "plan.yml": ["id-token", "pull-requests"],
  "deploy.yml": ["id-token"],
  "drift.yml": ["id-token"],
};

test("there are a check, a plan, a deployment, a look for drift and a look at dependencies", () => {
  expect(FILES.sort()).toEqual(["check.yml", "dependencies.yml", "deploy.yml", "drift.yml", "plan.yml"]);
});

describe.each(FILES)("%s", (file) => {
  test("every action is pinned by its commit, with its version beside it", () => {
    const used = [...textOf(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  test("permissions are to read, but for what is named here", () => {
    const { jobs, permissions } = workflowOf(file);
    expect(permissions).toEqual({ contents: "read" });
    const written = Object.values(jobs).flatMap((job) =>
      Object.entries(job.permissions ?? {}).flatMap(([name, level]) => (level === "write" ? [name] : [])),
    );
    expect([...new Set(written)].sort()).toEqual(WRITES[file] ?? []);
  });

  test("no text that somebody else wrote gets into a script, and no fork's code gets a token", () => {
    expect(Object.keys(workflowOf(file).on)).not.toContain("pull_request_target");
    expect(stepsOf(file).filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
    const checkouts = stepsOf(file).filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  test("what it runs are the project's scripts, which are there: other CI systems run the same", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(path.join(PROJECT, "package.json"), "utf8")));
    const runs = stepsOf(file).flatMap(({ run }) => (run === undefined ? [] : [run.trim()]));
    const known = (run: string): boolean => {
      if (run === "npm ci") return true;
      const [, script] = /^npm run ([\w:]+)$/.exec(run) ?? [];
      if (script !== undefined) return script in scripts;
      const [, name = ""] = /^scripts\/ci\/([\w-]+\.sh)( "[^"]+")*( --unchanged)?$/.exec(run) ?? [];
      return readdirSync(path.join(PROJECT, "scripts", "ci")).includes(name);
    };
    expect(runs.filter((run) => !known(run))).toEqual([]);
  });
});

test.each(["plan.yml", "drift.yml"])("%s looks at every system in dev and prod", (file) => {
  const [job] = Object.values(workflowOf(file).jobs);
  expect(job?.strategy?.matrix).toEqual({ system: SYSTEMS.map(({ name }) => name), environment: ["dev", "prod"] });
});

test("deploy.yml offers what plan.yml plans", () => {
  const choices = z.object({ workflow_dispatch: z.object({ inputs: z.record(z.string(), z.object({ options: z.array(z.string()) })) }) });
  const { inputs } = choices.parse(workflowOf("deploy.yml").on).workflow_dispatch;
  const [job] = Object.values(workflowOf("plan.yml").jobs);
  expect({ system: inputs["system"]?.options, environment: inputs["environment"]?.options }).toEqual(job?.strategy?.matrix);
});
