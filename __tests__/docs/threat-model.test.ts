import { readFileSync } from "node:fs";
import path from "node:path";
import { covers, grantsOf, SELF } from "../../kit/plan-review/iam/policy";
import { everyStack, type NamedStack } from "../support/every-stack";
import { PROJECT } from "../support/project";
import { resolveText } from "../support/resolve";
import { COLUMNS, processGrantsOf, rolePowers } from "../support/role-powers";
import { resourcesOf } from "../support/synth";

let stacks: NamedStack[];
beforeAll(async () => {
  stacks = await everyStack();
});

/** `role: what` of each thing that a role can do. */
const powersIn = ({ stack, environment }: NamedStack): string[] =>
  [...rolePowers(stack, environment)].flatMap(([role, powers]) =>
    COLUMNS.flatMap((column) => powers[column].map((what) => `${role} ${column} ${what}`)),
  );

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

test("docs/threat-model.md has what each role of prod can do, as its policies say it (S1.51)", () => {
  const text = readFileSync(path.join(PROJECT, "docs", "threat-model.md"), "utf8");
  // the formatter pads cells
  const rows = text.split("\n").map((line) => line.replaceAll(/ {2,}/g, " "));
  const start = rows.indexOf(row(["role", ...COLUMNS]));
  const end = rows.findIndex((line, index) => index > start && !line.startsWith("|"));
  const expected = stacks
    .filter(({ environment }) => environment === "prod")
    .flatMap(({ stack, environment }) =>
      [...rolePowers(stack, environment)].map(([role, powers]) =>
        row([`\`${role}\``, ...COLUMNS.map((column) => powers[column].map((what) => what.replaceAll("*", "\\*")).join("; "))]),
      ),
    );
  expect(rows.slice(start + 2, end)).toEqual(expected.map((line) => line.replaceAll(/ {2,}/g, " ")));
});

test("no other environment's roles can do what prod's can't", () => {
  for (const named of stacks) {
    const { system, environment } = named;
    const prod = stacks.find((each) => each.system === system && each.environment === "prod");
    const known = new Set(prod === undefined ? [] : powersIn(prod));
    const more = powersIn(named).filter((power) => !known.has(power));
    expect({ system, environment, more }).toEqual({ system, environment, more: [] });
  }
});

/** What nobody who has taken over a process may be able to do, on whatever resource. */
const NEVER: readonly (readonly [what: string, actions: RegExp])[] = [
  ["make, change or pass roles, users, policies and keys", /^((iam|sts|organizations|sso):|kms:(?!Decrypt$|Encrypt$|GenerateDataKey))/i],
  [
    "make what runs: functions, machines, instances, images, templates",
    /^(lambda:(?!InvokeFunction$)|ec2:|ecr:|cloudformation:|ssm:Send)/i,
  ],
  ["change a machine or a rule", /^(states:(Create|Update|Delete|Redrive)|events:)/i],
  ["delete objects, items, tables, buckets, queues or logs", /^(s3|dynamodb|sqs|logs):(Batch)?(Delete(?!Message$)|Purge)/i],
  [
    "change who may use a bucket, a queue or a table",
    /(Policy|Acl|Acls|AddPermission|PublicAccessBlock|Encryption|Versioning|(?<!Complete)Lifecycle\w*)$/i,
  ],
  [
    "change how much there is: groups and their sizes",
    /^autoscaling:(?!CompleteLifecycleAction$|Describe|TerminateInstanceInAutoScalingGroup$|SetDesiredCapacity$)/i,
  ],
  ["anything by a wildcard", /\*/],
];

test.each(NEVER)("no role of any system may %s (invariant 11)", (_, actions) => {
  const found = stacks.flatMap(({ system, environment, stack }) =>
    processGrantsOf(stack)
      .filter(({ action }) => actions.test(action))
      .map(({ role, action }) => `${system}-${environment} ${role}: ${action}`),
  );
  expect(found).toEqual([]);
});

test("what is never allowed is told from what is: each pattern knows its actions", () => {
  const forbidden = [
    "iam:PassRole",
    "kms:ScheduleKeyDeletion",
    "lambda:UpdateFunctionCode",
    "states:UpdateStateMachine",
    "s3:DeleteObjectVersion",
  ].concat([
    "dynamodb:DeleteTable",
    "sqs:PurgeQueue",
    "s3:PutBucketPolicy",
    "sqs:AddPermission",
    "autoscaling:UpdateAutoScalingGroup",
    "s3:*",
  ]);
  expect(forbidden.filter((action) => !NEVER.some(([, actions]) => actions.test(action)))).toEqual([]);
});

test("no role can put a program where workers fetch theirs, and only workers can read it (invariant 11)", () => {
  for (const { system, environment, stack } of stacks) {
    const artefacts = Object.values(stack.resource["aws_s3_object"] ?? {}).map(
      ({ bucket, key }) => `arn:aws:s3:::${resolveText(stack, String(bucket))}/${resolveText(stack, String(key)).replace(/\$\{.*$/, "")}`,
    );
    for (const artefact of artefacts) {
      const can = (action: string): string[] =>
        processGrantsOf(stack).flatMap((grant) =>
          grant.resources.some((resource) =>
            covers(
              { effect: "Allow", principal: SELF, action: grant.action, resource, conditions: [] },
              { effect: "Allow", principal: SELF, action, resource: artefact, conditions: [] },
            ),
          )
            ? [grant.role]
            : [],
        );
      expect({ environment, writers: can("s3:PutObject"), readers: can("s3:GetObject") }).toEqual({
        environment,
        writers: [],
        readers: ["wordfreq-worker"],
      });
    }
    expect({ system, artefacts: artefacts.length }).toEqual({ system, artefacts: system === "batch" ? 1 : 0 });
  }
});

test("every bucket, table and queue that a role may use is the stack's own: not the Terraform state, not a neighbour's (invariant 11)", () => {
  for (const { system, environment, stack } of stacks) {
    const names = (type: string, attribute: string): string[] =>
      resourcesOf(stack, type).map(({ body }) => resolveText(stack, String(body[attribute])));
    const own = [
      ...names("aws_s3_bucket", "bucket").map((name) => `arn:aws:s3:::${name}`),
      ...names("aws_dynamodb_table", "name").map((name) => `:table/${name}`),
      ...names("aws_sqs_queue", "name").map((name) => `:${name}`),
    ];
    const foreign = processGrantsOf(stack)
      .filter(({ action }) => /^(s3|dynamodb|sqs):/.test(action))
      .flatMap(({ role, resources }) => resources.map((resource) => ({ role, resource })))
      .filter(({ resource }) => !own.some((name) => resource.endsWith(name) || resource.startsWith(`${name}/`)));
    expect({ system, environment, foreign }).toEqual({ system, environment, foreign: [] });
  }
});

test("each role is taken by one service of AWS, and one that runs nothing of the system is AWS Backup's", () => {
  for (const { system, environment, stack } of stacks) {
    for (const { body } of resourcesOf(stack, "aws_iam_role")) {
      const trust = grantsOf(String(body["assume_role_policy"])) ?? [];
      expect({ system, environment, trust: trust.map(({ action, principal }) => `${action} ${principal}`) }).toEqual({
        system,
        environment,
        trust: [expect.stringMatching(/^sts:assumerole Service:(lambda|ec2|states|backup)\.amazonaws\.com$/)],
      });
    }
  }
});
