import { expect } from "expect";
import { z } from "zod";
import { UNRESTRICTED_ACTIONS } from "../../../../../systems/batch/stack/unrestricted-actions";
import { resolveText } from "../../../../support/resolve";
import { allResources, constructPathOf, resourceAt, resourcesOf, statementsOf, type SynthesizedStack } from "../../../../support/synth";
import { assertions, type Environment } from "./assertions";

/** Every attribute that holds a policy document, of every resource. */
const policiesOf = (stack: SynthesizedStack) =>
  allResources(stack).flatMap(({ address, body }) =>
    ["policy", "assume_role_policy"].flatMap((key) =>
      typeof body[key] === "string" ? [{ address, statements: statementsOf(body[key]) }] : [],
    ),
  );

/** `service:Action resource`, sorted, of a role, without its logs; resources shortened to what tells them apart. */
const permissionsOf = (stack: SynthesizedStack, rolePath: string): string[] =>
  statementsOf(resourceAt(stack, "aws_iam_role_policy", `${rolePath}/Role/Policy`).body["policy"])
    .filter(({ Sid }) => Sid !== "WriteLogs")
    .flatMap(({ Action, Resource = [] }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => `${action} ${resolveText(stack, resource).replace(/^arn:aws:[a-z0-9]*:[a-z0-9-]*:\d*:/, "")}`),
      ),
    )
    .sort();

const on = (resource: string, ...actions: string[]): string[] => actions.map((action) => `${action} ${resource}`);
const read = (bucket: string): string[] => [...on(`${bucket}/*`, "s3:GetObject"), ...on(bucket, "s3:ListBucket")];
const ledger = (...actions: string[]): string[] => on("table/wordfreq-ledger", ...actions.map((action) => `dynamodb:${action}`));
const putResult = on("table/wordfreq", "dynamodb:PutItem");
const consume = (queue: string): string[] => on(queue, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility");
const send = (queue: string): string[] => on(queue, "sqs:SendMessage");
const depth = (queue: string): string[] => on(queue, "sqs:GetQueueAttributes");
const endGenerations = [
  ...on("stateMachine:wordfreq-batch", "states:StartExecution"),
  ...on("execution:wordfreq-batch:*", "states:DescribeExecution", "states:StopExecution"),
];
const invoke = (name: string): string[] => on(`function:wordfreq-${name}`, "lambda:InvokeFunction");
const backUp = ["table/wordfreq", "table/wordfreq-ledger"].flatMap((table) => [
  ...on(table, ...["CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob"].map((action) => `dynamodb:${action}`)),
  ...on(`${table}/backup/*`, "dynamodb:DeleteBackup", "dynamodb:DescribeBackup"),
]);
const group = "autoScalingGroup:*:autoScalingGroupName/wordfreq-ASG";

/** What each role may do, by its place. */
function expectedPermissions({
  config,
}: Environment): readonly (readonly [name: string, rolePath: string, permissions: readonly string[]])[] {
  const [uploading, processing, state] = ["uploading", "data-processing", "batch-state"].map(
    (what) => `${config.bucketPrefix}-${what}-${config.owner}`,
  ) as [string, string, string];
  const hasOnDemand = config.fleet.onDemandRescue !== undefined;
  const groups = [group, ...(hasOnDemand ? [`${group}-on-demand`] : [])];
  const ofGroups = (action: string): string[] => groups.flatMap((each) => on(each, `autoscaling:${action}`));
  const waiting = hasOnDemand ? ["wordfreq-chunks-on-demand"] : [];
  const endsHosts = config.fleet.protectFromScaleIn;
  const readBatches = [...on(`${state}/batches/*`, "s3:GetObject"), ...on(state, "s3:ListBucket")];
  const writeBatches = on(`${state}/batches/*`, "s3:PutObject", "s3:AbortMultipartUpload");
  return [
    [
      "worker",
      "Fleet/Template",
      [
        ...consume("wordfreq-jobs"),
        ...consume("wordfreq-chunks"),
        ...send("wordfreq-results"),
        ...send("wordfreq-jobs-dead-letters"),
        ...send("wordfreq-chunks-dead-letters"),
        ...read(uploading),
        ...read(processing),
        ...readBatches,
        ...writeBatches,
        ...on(`${state}/uploads/*`, "s3:PutObject", "s3:AbortMultipartUpload"),
        ...on(`${state}/artefacts/*`, "s3:GetObject"),
        ...putResult,
        ...ledger("GetItem", "UpdateItem", "PutItem", "Query"),
        "states:SendTaskSuccess *",
        ...["", ":*"].flatMap((streams) =>
          on(`log-group:/filemill/wordfreq-worker${streams}`, "logs:CreateLogStream", "logs:PutLogEvents"),
        ),
        "ssm:UpdateInstanceInformation instance/*",
        ...on("*", ...["Create", "Open"].flatMap((verb) => ["Control", "Data"].map((what) => `ssmmessages:${verb}${what}Channel`))),
        ...waiting.flatMap((queue) => [...consume(queue), ...send(queue)]),
        ...ofGroups("CompleteLifecycleAction"),
        ...(endsHosts ? ofGroups("TerminateInstanceInAutoScalingGroup") : []),
      ],
    ],
    [
      "plan",
      "Functions/Plan",
      [...ledger("GetItem", "UpdateItem", "PutItem"), ...readBatches, ...writeBatches, ...read(uploading), ...invoke("orchestrate")],
    ],
    [
      "process-chunk",
      "Functions/ProcessChunk",
      [
        ...ledger("GetItem", "UpdateItem", "Query"),
        ...putResult,
        ...readBatches,
        ...writeBatches,
        ...read(uploading),
        ...send("wordfreq-results"),
      ],
    ],
    ...(config.ingest === "queue"
      ? []
      : ([
          [
            "process-upload",
            "Ingest/ProcessUpload",
            [
              ...ledger("GetItem", "UpdateItem", "PutItem"),
              ...putResult,
              ...read(processing),
              ...on(`${state}/uploads/*`, "s3:PutObject", "s3:AbortMultipartUpload"),
              ...["wordfreq-jobs", "wordfreq-jobs-dead-letters", "wordfreq-results"].flatMap(send),
            ],
          ],
        ] as const)),
    ["seal", "Functions/Seal", [...ledger("GetItem", "UpdateItem", "Query"), ...readBatches, ...writeBatches]],
    ["merge-range", "Functions/MergeRange", [...ledger("GetItem"), ...readBatches, ...writeBatches]],
    [
      "reduce",
      "Functions/Reduce",
      [
        ...ledger("GetItem", "Query"),
        ...putResult,
        ...readBatches,
        ...writeBatches,
        ...on(`${state}/outputs/*`, "s3:PutObject", "s3:AbortMultipartUpload"),
        ...send("wordfreq-results"),
      ],
    ],
    ["report", "Functions/Report", [...ledger("GetItem", "UpdateItem"), ...readBatches, ...send("wordfreq-results")]],
    ["finish", "Workflow/Finish", [...ledger("GetItem", "UpdateItem", "Query"), ...endGenerations]],
    [
      "reconcile",
      "Repairs/Reconcile",
      [
        ...ledger("GetItem", "UpdateItem", "PutItem", "Query"),
        ...on("table/wordfreq", "dynamodb:BatchGetItem"),
        ...on(processing, "s3:ListBucket"),
        ...readBatches,
        ...consume("wordfreq-chunks"),
        ...consume("wordfreq-chunks-dead-letters"),
        ...consume("wordfreq-jobs-dead-letters"),
        ...on(`${state}/uploads/*`, "s3:PutObject"),
        ...["wordfreq-jobs", "wordfreq-chunks", "wordfreq-chunks-dead-letters", "wordfreq-results"].flatMap(send),
        ...["wordfreq-jobs", "wordfreq-chunks", "wordfreq-chunks-dead-letters"].flatMap(depth),
        ...endGenerations,
        "states:SendTaskSuccess *",
        "states:SendTaskFailure *",
        ...(config.ingest === "queue" ? [] : invoke("process-upload")),
        ...waiting.flatMap((queue) => [...consume(queue), ...depth(queue)]),
        ...(endsHosts ? groups.flatMap(() => on("*", "autoscaling:DescribeAutoScalingGroups")) : []),
        ...(endsHosts ? ofGroups("TerminateInstanceInAutoScalingGroup") : []),
      ],
    ],
    ["spot-notices", "Repairs/SpotNotices", ledger("PutItem")],
    [
      "orchestrate",
      "Functions/Orchestrate",
      [
        ...depth("wordfreq-jobs"),
        ...depth("wordfreq-chunks"),
        // a test event is looked for before it wakes anybody
        ...consume("wordfreq-jobs"),
        ...ledger("Query", "GetItem"),
        ...waiting.flatMap(depth),
        ...groups.flatMap(() => on("*", "autoscaling:DescribeAutoScalingGroups")),
        ...ofGroups("SetDesiredCapacity"),
      ],
    ],
    [
      "state machine",
      "Workflow/Machine",
      [
        ...["plan", "process-chunk", "seal", "merge-range", "reduce", "report"].flatMap(invoke),
        ...send("wordfreq-chunks"),
        ...on(`${state}/batches/*`, "s3:GetObject"),
        ...on(`${state}/map-runs/*`, "s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"),
        ...on("stateMachine:wordfreq-batch", "states:StartExecution"),
        ...["Fleet", "Lambda", "Merge"].flatMap((label) =>
          on(`execution:wordfreq-batch/${label}:*`, "states:DescribeExecution", "states:StopExecution"),
        ),
        ...on("execution:wordfreq-batch:*", "states:DescribeExecution", "states:StopExecution"),
      ],
    ],
    ...(config.backupDays === undefined ? [] : ([["backups", "Data/Backups", backUp]] as const)),
  ];
}

export const permissionsAssertions = assertions("permissions", (environment, test) => {
  const { stack } = environment;
  const rolePolicies = resourcesOf(stack, "aws_iam_role_policy");

  test("nothing is allowed by a wildcard in an action", () => {
    for (const { address, statements } of policiesOf(stack)) {
      const wild = statements
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => Action.filter((action) => action.includes("*")));
      expect({ address, wild }).toEqual({ address, wild: [] });
    }
  });

  test("a resource is `*` only for actions that AWS knows no resource for, alone in their statement", () => {
    const listed = UNRESTRICTED_ACTIONS.map(({ action }) => action);
    const unrestricted = rolePolicies
      .flatMap(({ body }) => statementsOf(body["policy"]))
      .filter(({ Resource }) => Resource?.includes("*"))
      .flatMap(({ Action }) => Action);
    expect(new Set(unrestricted)).toEqual(new Set(listed));
  });

  test("what is denied is only what comes without TLS", () => {
    const denials = policiesOf(stack).flatMap(({ statements }) => statements.filter(({ Effect }) => Effect === "Deny"));
    expect(denials).not.toHaveLength(0);
    for (const { Sid } of denials) expect(Sid).toBe("DenyWithoutTls");
  });

  test("every role is taken by one AWS service", () => {
    const services = resourcesOf(stack, "aws_iam_role").map(({ body }) => {
      const statements = statementsOf(body["assume_role_policy"]);
      expect(statements).toHaveLength(1);
      return z.object({ Service: z.string() }).strict().parse(statements[0]?.Principal).Service;
    });
    const backup = environment.config.backupDays === undefined ? [] : ["backup.amazonaws.com"];
    expect(new Set(services)).toEqual(new Set(["ec2.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com", ...backup]));
  });

  test("permissions exist nowhere but in the roles' one policy each", () => {
    expect(rolePolicies).toHaveLength(resourcesOf(stack, "aws_iam_role").length);
    for (const type of ["aws_iam_policy", "aws_iam_role_policy_attachment", "aws_iam_user"])
      expect(stack.resource).not.toHaveProperty(type);
  });

  for (const [name, rolePath, expected] of expectedPermissions(environment))
    test(`the ${name} may do just what it does (S1.51)`, () => {
      expect(permissionsOf(stack, rolePath)).toEqual([...expected].sort());
    });

  test("whatever code reads objects of a bucket may list it, else a missing one answers 403", () => {
    // a map whose list is missing has failed either way: the machine's role has what AWS's pages say (__tests__/contracts)
    const ofCode = rolePolicies.filter((policy) => !constructPathOf(policy).startsWith("Workflow/Machine/"));
    const readers = [...ofCode, ...resourcesOf(stack, "aws_vpc_endpoint")].flatMap(({ address, body }) => {
      if (typeof body["policy"] !== "string") return [];
      const statements = statementsOf(body["policy"]);
      const bucketsOf = (action: string): string[] =>
        statements
          .filter(({ Action }) => Action.includes(action))
          .flatMap(({ Resource = [] }) => Resource.map((resource) => resolveText(stack, resource).replace(/\/.*$/, "")));
      const listed = bucketsOf("s3:ListBucket");
      return bucketsOf("s3:GetObject").map((bucket) => ({ address, bucket, mayList: listed.includes(bucket) }));
    });
    expect(readers.length).toBeGreaterThan(10);
    expect(readers.filter(({ mayList }) => !mayList)).toEqual([]);
  });

  test("every Lambda may write into its own log group, workers into theirs, and nowhere else", () => {
    const logging = rolePolicies.flatMap(({ body, ...resource }) =>
      statementsOf(body["policy"]).flatMap(({ Action, Resource }) =>
        Action.some((action) => action.startsWith("logs:")) ? [{ at: constructPathOf({ body, ...resource }), Action, Resource }] : [],
      ),
    );
    const writing = (at: string, logs: string, parts: readonly string[]) => {
      const group = resourceAt(stack, "aws_cloudwatch_log_group", logs).address;
      const Resource = parts.map((part) => `\${${group}.arn}${part}`);
      return { at: `${at}/Role/Policy`, Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource };
    };
    expect(logging).toEqual([
      // creating a stream is asked for on the group itself, too
      writing("Fleet/Template", "Fleet/Logs", ["", ":*"]),
      ...resourcesOf(stack, "aws_lambda_function").map((lambda) => {
        const at = constructPathOf(lambda);
        return writing(at, `${at}/Logs`, [":*"]);
      }),
    ]);
  });

  test("statements of a role allow without a condition, and are named once", () => {
    for (const { body } of rolePolicies) {
      const statements = statementsOf(body["policy"]);
      for (const { Condition, Effect, Principal } of statements)
        expect([Condition, Effect, Principal]).toEqual([undefined, "Allow", undefined]);
      expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
      for (const { Sid } of statements) expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
    }
  });
});
