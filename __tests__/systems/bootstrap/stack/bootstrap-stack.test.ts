import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "cdktf";
import { z } from "zod";
import { synthesizeStacks } from "../../../../kit/graph/synthesize-stacks";
import { covers, grantsOf, type Grant } from "../../../../kit/plan-review/iam/policy";
import { SYSTEMS } from "../../../../systems";
import { configuration } from "../../../../systems/bootstrap/config/configuration";
import { TYPE_ACTIONS } from "../../../../systems/bootstrap/contracts/deploy-actions";
import { RUNTIME_ACTIONS } from "../../../../systems/bootstrap/contracts/runtime-actions";
import { BootstrapStack } from "../../../../systems/bootstrap/stack/bootstrap-stack";
import { PROJECT } from "../../../support/project";

const fileSchema = z.object({ resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))) });
type Resources = z.output<typeof fileSchema>["resource"];

const KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-96ef-1234567890ab";
/** What isn't made unless somebody asks for it. */
const ASKED_FOR = {
  FILEMILL_KMS_KEY_ARN: KEY,
  FILEMILL_ROLE_PATH: "/team/",
  FILEMILL_CRITICAL_ALERTS: "a@example.org",
  FILEMILL_WARNING_ALERTS: "a@example.org",
};

let folder: string;
let stacks: Resources[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-bootstrap-"));
  stacks = await Promise.all(
    SYSTEMS.flatMap(({ environments, name: system }) =>
      environments.map(async (environmentName) => {
        const outputDirectory = path.join(folder, `${system}-${environmentName}`);
        const variables = environmentName === "prod" ? ASKED_FOR : {};
        const given = {
          projectDirectory: PROJECT,
          environmentName,
          systems: [system],
          outputDirectory,
          environment: process.env,
          variables,
        };
        const files = await synthesizeStacks(given);
        return fileSchema.parse(JSON.parse(await readFile(files[system] ?? "", "utf8"))).resource;
      }),
    ),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function bootstrapOf(variables: NodeJS.ProcessEnv): Promise<Resources> {
  const outdir = await mkdtemp(path.join(folder, "own-"));
  const app = new App({ outdir });
  const config = configuration.load({ FILEMILL_ENVIRONMENT: "prod", FILEMILL_REPOSITORY: "acme/files", ...variables });
  new BootstrapStack(app, { config, buildDirectory: folder });
  app.synth();
  return fileSchema.parse(JSON.parse(await readFile(path.join(outdir, "stacks", "bootstrap-prod", "cdk.tf.json"), "utf8"))).resource;
}
const of = (resources: Resources, type: string): Record<string, unknown>[] => Object.values(resources[type] ?? {});
const trustOf = (resources: Resources, role: string): Grant[] =>
  of(resources, "aws_iam_role").flatMap(({ assume_role_policy: trust, name }) => (name === role ? (grantsOf(String(trust)) ?? []) : []));
/** Policies of the role that is called so. */
const policiesOf = (resources: Resources, role: string): string[] =>
  of(resources, "aws_iam_policy").flatMap(({ name, policy }) => (new RegExp(`^${role}-\\d+$`).test(String(name)) ? [String(policy)] : []));
/** What it may do; references as they are written. */
const permissionsOf = (resources: Resources, role: string): Grant[] =>
  policiesOf(resources, role).flatMap((policy) => grantsOf(policy) ?? []);

describe("what the stacks are made of and do is what the roles may", () => {
  test("every resource type of every stack is in the table of actions, and nothing else is", () => {
    const types = new Set(stacks.flatMap((resources) => Object.keys(resources)));
    expect(Object.keys(TYPE_ACTIONS).sort()).toEqual([...types].sort());
  });

  test("the boundary has what roles of the stacks are granted, and nothing else", () => {
    const granted = stacks.flatMap((resources) =>
      of(resources, "aws_iam_role_policy").flatMap(({ policy }) => statementsOf(String(policy))),
    );
    expect([...RUNTIME_ACTIONS].sort()).toEqual([...new Set(granted)].sort());
  });

  test("whatever is named in a stack is below a name that the roles may touch", async () => {
    const { deployedPrefixes } = configuration.load({ FILEMILL_ENVIRONMENT: "prod" });
    // of a scaling policy and a hook AWS asks for their group's name, of a role's policy for the role's
    const byOwner = ["aws_autoscaling_lifecycle_hook", "aws_autoscaling_policy", "aws_iam_role_policy"];
    // AWS knows no names of theirs
    const byNoName = ["aws_backup_plan", "aws_backup_selection", "aws_cloudwatch_query_definition"];
    const names = stacks.flatMap((resources) =>
      Object.entries(resources).flatMap(([type, all]) =>
        [...byOwner, ...byNoName].includes(type)
          ? []
          : Object.values(all).flatMap((each) =>
              ["bucket", "function_name", "alarm_name", "name"].flatMap((key) => {
                const name = each[key];
                return typeof name === "string" && !name.includes("${") ? [name.replace(/^(?:\/aws\/lambda|\/filemill|alias)\//, "")] : [];
              }),
            ),
      ),
    );
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !deployedPrefixes.some((prefix) => name.startsWith(prefix)))).toEqual([]);
    await expect(bootstrapOf({ FILEMILL_DEPLOYED_PREFIXES: "a" })).rejects.toThrow("3 to 31");
  });

  test("dashboards are called as the systems are", async () => {
    const granted = permissionsOf(await bootstrapOf({}), "filemill-deploy-prod");
    const names = stacks.flatMap((resources) => of(resources, "aws_cloudwatch_dashboard").map(({ dashboard_name: name }) => String(name)));
    expect(new Set(names).size).toBe(SYSTEMS.length);
    for (const name of names)
      expect(grantsTo(granted, "cloudwatch:putdashboard", `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${name}`)).toHaveLength(1);
    expect(grantsTo(granted, "cloudwatch:putdashboard", `arn:aws:cloudwatch::${ACCOUNT}:dashboard/other`)).toEqual([]);
  });

  test("roles go to the services that take them, and to no others", async () => {
    const taken = stacks.flatMap((resources) =>
      of(resources, "aws_iam_role").flatMap(({ assume_role_policy: trust }) => {
        const { Statement } = z
          .object({ Statement: z.array(z.object({ Principal: z.object({ Service: z.string() }) })) })
          .parse(JSON.parse(String(trust)));
        return Statement.map(({ Principal }) => Principal.Service);
      }),
    );
    const [passed] = permissionsOf(await bootstrapOf({}), "filemill-deploy-prod").filter(({ action }) => action === "iam:passrole");
    expect(passed?.conditions).toEqual([`StringEquals iam:passedtoservice ${JSON.stringify([...new Set(taken)].sort())}`]);
  });
});

const ACCOUNT = "${data.aws_caller_identity.account.account_id}";
const grantsTo = (granted: readonly Grant[], action: string, resource: string, conditions: readonly string[] = []): Grant[] =>
  granted.filter((grant) => covers(grant, { effect: "Allow", principal: "self", action, resource, conditions }));

const statementsOf = (policy: string): string[] =>
  z
    .object({ Statement: z.array(z.object({ Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]) })) })
    .parse(JSON.parse(policy))
    .Statement.flatMap(({ Action }) => Action);

describe("roles", () => {
  test("planning is for pull requests and the branch of one repository, deploying for one environment of it", async () => {
    const made = await bootstrapOf({ FILEMILL_DEPLOYED_ENVIRONMENTS: "dev,prod" });
    const host = "token.actions.githubusercontent.com";
    const audience = `StringEquals ${host}:aud ["sts.amazonaws.com"]`;
    expect(trustOf(made, "filemill-plan").map(({ conditions }) => conditions)).toEqual([
      [audience, `StringEquals ${host}:sub ["repo:acme/files:pull_request","repo:acme/files:ref:refs/heads/main"]`],
    ]);
    for (const environment of ["dev", "prod"])
      expect(trustOf(made, `filemill-deploy-${environment}`).map(({ conditions }) => conditions)).toEqual([
        [audience, `StringEquals ${host}:sub ["repo:acme/files:environment:${environment}"]`],
      ]);
    expect(of(made, "aws_iam_openid_connect_provider")).toMatchObject([{ url: `https://${host}`, client_id_list: ["sts.amazonaws.com"] }]);
  });

  test("GitLab is the same with another issuer, one's own server included", async () => {
    const made = await bootstrapOf({
      FILEMILL_CI_HOST: "gitlab",
      FILEMILL_CI_ISSUER: "https://gitlab.acme.example",
      FILEMILL_REPOSITORY: "acme/tools/files",
    });
    expect(trustOf(made, "filemill-deploy-prod").map(({ conditions }) => conditions)).toEqual([
      [
        'StringEquals gitlab.acme.example:aud ["https://gitlab.com"]',
        'StringEquals gitlab.acme.example:sub ["project_path:acme/tools/files:ref_type:branch:ref:main"]',
      ],
    ]);
  });

  test.each(["acme/*", "*/files", "acme", "acme/files:environment:prod", ""])("a trust of '%s' can't be written", async (repository) => {
    await expect(bootstrapOf({ FILEMILL_REPOSITORY: repository })).rejects.toThrow("FILEMILL_REPOSITORY");
  });

  test("nobody's repository is trusted where none is named", () => {
    // a name that no host gives away
    expect(configuration.load({ FILEMILL_ENVIRONMENT: "prod" }).ci.repository).toMatch(/^-/);
  });

  test("planning changes nothing: it may only list, get, view and describe", async () => {
    const actions = permissionsOf(await bootstrapOf({}), "filemill-plan").map(({ action }) => action);
    expect(actions.length).toBeGreaterThan(40);
    expect(actions.filter((action) => !/^[a-z0-9]+:(?:list|get|describe|view)/.test(action))).toEqual([]);
  });

  test("who deploys changes neither who may deploy, nor the states' bucket, nor a role without the boundary", async () => {
    const made = await bootstrapOf({});
    const granted = permissionsOf(made, "filemill-deploy-prod");
    const may = (action: string, resource: string): Grant[] => grantsTo(granted, action, resource);
    const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
    expect(of(made, "aws_iam_role").map(({ path: folderOf }) => folderOf)).toEqual(["/bootstrap/", "/bootstrap/"]);
    for (const action of ["iam:putrolepolicy", "iam:updateassumerolepolicy", "iam:deleterole", "iam:passrole"])
      expect(may(action, role("bootstrap/filemill-deploy-prod"))).toEqual([]);
    for (const action of ["s3:putbucketpolicy", "s3:deletebucket", "s3:putlifecycleconfiguration"])
      expect(may(action, "arn:aws:s3:::terraform-state-filemill-prod")).toEqual([]);
    // of its own roles it makes those only that have the boundary
    for (const action of ["iam:createrole", "iam:putrolepolicy", "iam:putrolepermissionsboundary"])
      for (const grant of granted.filter((each) => each.action === action))
        expect(grant.conditions).toEqual([expect.stringMatching(/^ArnEquals iam:permissionsboundary .*aws_iam_policy\.Boundary/)]);
    for (const action of ["iam:deleterolepermissionsboundary", "iam:createpolicyversion", "iam:attachrolepolicy", "iam:createuser"])
      expect(granted.filter((each) => each.action === action)).toEqual([]);
  });

  test("roles in a path of the stacks' are theirs to make, and those elsewhere are not; nor may the path be bootstrap's", async () => {
    const granted = permissionsOf(await bootstrapOf({ FILEMILL_ROLE_PATH: "/team/" }), "filemill-deploy-prod");
    for (const kind of ["role", "instance-profile"]) {
      const action = kind === "role" ? "iam:tagrole" : "iam:taginstanceprofile";
      expect(grantsTo(granted, action, `arn:aws:iam::${ACCOUNT}:${kind}/team/wordfreq-worker`)).toHaveLength(1);
      expect(grantsTo(granted, action, `arn:aws:iam::${ACCOUNT}:${kind}/wordfreq-worker`)).toEqual([]);
    }
    expect(grantsTo(granted, "iam:passrole", `arn:aws:iam::${ACCOUNT}:role/wordfreq-worker`)).toEqual([]);
    for (const folderOf of ["/bootstrap/", "/bootstrap/more/"])
      await expect(bootstrapOf({ FILEMILL_ROLE_PATH: folderOf })).rejects.toThrow("FILEMILL_ROLE_PATH");
  });

  test("the boundary of the stacks' roles is none of the roles that deploy them", async () => {
    await expect(bootstrapOf({ FILEMILL_PERMISSIONS_BOUNDARY_ARN: "arn:aws:iam::123456789012:policy/b" })).rejects.toThrow(
      "FILEMILL_PERMISSIONS_BOUNDARY_ARN",
    );
  });

  test("keys and plans of backups are changed where they have our tag, and a tag of somebody else's stays", async () => {
    const granted = permissionsOf(await bootstrapOf({}), "filemill-deploy-prod");
    const conditionsOf = (...actions: string[]): string[] =>
      granted.filter(({ action }) => actions.includes(action)).map(({ conditions }) => conditions.join("; "));
    const own = 'StringEquals aws:resourcetag/project ["filemill"]';
    for (const action of [
      "kms:putkeypolicy",
      "kms:enablekey",
      "kms:untagresource",
      "backup:updatebackupplan",
      "backup:createbackupselection",
    ])
      expect([action, conditionsOf(action)]).toEqual([action, [own]]);
    expect(conditionsOf("kms:schedulekeydeletion")).toEqual([
      `NumericGreaterThanEquals kms:schedulekeydeletionpendingwindowindays ["30"]; ${own}`,
    ]);
    expect(conditionsOf("kms:createkey", "backup:createbackupplan").sort()).toEqual(
      Array(2).fill('StringEquals aws:requesttag/project ["filemill"]'),
    );
    // made, or changed where it is ours
    const untagged = 'Null aws:resourcetag/project ["true"]; StringEquals aws:requesttag/project ["filemill"]';
    expect(new Set(conditionsOf("kms:tagresource", "backup:tagresource"))).toEqual(new Set([untagged, own, ""]));
    // without a condition the vaults', which have names
    expect(grantsTo(granted, "backup:tagresource", `arn:aws:backup:us-east-1:${ACCOUNT}:backup-plan:*`)).toEqual([]);
    expect(grantsTo(granted, "kms:tagresource", `arn:aws:kms:us-east-1:${ACCOUNT}:key/*`)).toEqual([]);
    for (const action of ["kms:decrypt", "kms:encrypt", "kms:creategrant", "kms:disablekey"]) expect(conditionsOf(action)).toEqual([]);
  });

  test("a key of the account's own is used through the services that store under it; planning only reads", async () => {
    const made = await bootstrapOf({ FILEMILL_KMS_KEY_ARN: KEY });
    const uses = (role: string): string[] =>
      permissionsOf(made, role).flatMap(({ action, resource, conditions }) =>
        resource === KEY && action !== "kms:describekey" ? [`${action} ${conditions.join("; ")}`] : [],
      );
    expect(uses("filemill-plan")).toEqual(['kms:decrypt StringEquals kms:viaservice ["s3.us-east-1.amazonaws.com"]']);
    expect(uses("filemill-deploy-prod").length).toBeGreaterThan(4);
    expect(uses("filemill-deploy-prod").filter((use) => !use.includes("kms:viaservice"))).toEqual([]);
  });

  test("a role writes the states of its environment's stacks, and not the bootstrap's", async () => {
    const made = await bootstrapOf({ FILEMILL_TERRAFORM_STATE_BUCKET: "terraform-state-filemill-prod" });
    const written = permissionsOf(made, "filemill-deploy-prod").flatMap(({ action, resource }) =>
      action === "s3:putobject" && resource.includes("States") ? [resource.replace(/^.*\.arn\}/, "")] : [],
    );
    expect(written).toEqual(["/filemill/*-prod.tfstate", "/filemill/*-prod.tfstate.tflock"]);
    expect(configuration.load({ FILEMILL_TERRAFORM_STATE_BUCKET: "states" }).backend).toMatchObject({
      key: "bootstrap/bootstrap-dev.tfstate",
    });
  });

  test("policies are within what IAM takes: 6,144 characters each, 10 for a role; and no statement's id is there twice", async () => {
    const made = await bootstrapOf({
      FILEMILL_DEPLOYED_PREFIXES: "filemill-,wordfreq,media-,a-long-beginning-,another-one-",
      FILEMILL_KMS_KEY_ARN: KEY,
    });
    for (const role of ["filemill-plan", "filemill-deploy-prod"]) {
      const policies = policiesOf(made, role);
      expect(policies.length).toBeGreaterThan(0);
      expect(policies.length).toBeLessThanOrEqual(10);
      expect(of(made, "aws_iam_role_policy_attachment").length).toBe(of(made, "aws_iam_policy").length - 1);
      for (const policy of policies) {
        expect(policy.replaceAll(/\$\{[^}]*account_id\}/g, "123456789012").length).toBeLessThanOrEqual(6_144);
        const ids = (JSON.parse(policy) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid);
        expect(new Set(ids).size).toBe(ids.length);
      }
    }
  });
});

test("the states' bucket is private, encrypted, versioned, by TLS only, and is not deleted with what is in it", async () => {
  const made = await bootstrapOf({});
  expect(of(made, "aws_s3_bucket")).toMatchObject([{ bucket: "terraform-state-filemill-prod", force_destroy: false }]);
  expect(of(made, "aws_s3_bucket_versioning")).toMatchObject([{ versioning_configuration: { status: "Enabled" } }]);
  expect(of(made, "aws_s3_bucket_public_access_block")).toMatchObject([{ block_public_policy: true, restrict_public_buckets: true }]);
  expect(JSON.stringify(of(made, "aws_s3_bucket_policy"))).toContain("aws:SecureTransport");
  expect(JSON.stringify(of(made, "aws_s3_bucket_lifecycle_configuration"))).toContain('"noncurrent_days":365');
});
