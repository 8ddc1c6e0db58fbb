import {
  allResources,
  configurationOf,
  constructPathOf,
  everyEnvironment,
  resourcesOf,
  statementsOf,
  synthesize,
} from "../../../support/synth";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-96ef-1234567890ab";
const BOUNDARY = "arn:aws:iam::123456789012:policy/team/boundary";
const PATH = "/team/filemill/";

const environments = everyEnvironment();
const stackOf = (name: string) => {
  const found = environments.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no environment ${name}`);
  return found.stack;
};
const prod = stackOf("prod");
const keyed = synthesize(
  configurationOf("prod", {
    FILEMILL_KMS_KEY_ARN: KEY,
    FILEMILL_PERMISSIONS_BOUNDARY_ARN: BOUNDARY,
    FILEMILL_ROLE_PATH: PATH,
  }),
);

describe("a key of the account's own (S2.90)", () => {
  test("without one nothing names KMS, in no environment, but the alerts' topics and the key that they need", () => {
    expect(environments.length).toBeGreaterThan(3);
    const named = environments.flatMap(({ name, stack }) =>
      allResources(stack)
        .filter((resource) => !constructPathOf(resource).startsWith("AlertRoutes/") && /kms/i.test(JSON.stringify(resource.body)))
        .map((resource) => `${name}: ${resource.type} ${constructPathOf(resource)}`),
    );
    expect(named).toEqual([]);
  });

  test.each<[type: string, stored: (body: Readonly<Record<string, unknown>>) => unknown, expected: unknown]>([
    ["aws_sqs_queue", ({ kms_master_key_id: key, sqs_managed_sse_enabled: own }) => [key, own], [KEY, undefined]],
    ["aws_dynamodb_table", ({ server_side_encryption: encryption }) => encryption, { enabled: true, kms_key_arn: KEY }],
    ["aws_cloudwatch_log_group", ({ kms_key_id: key }) => key, KEY],
    ["aws_lambda_function", ({ kms_key_arn: key }) => key, KEY],
    ["aws_backup_vault", ({ kms_key_arn: key }) => key, KEY],
  ])("every %s is under it", (type, stored, expected) => {
    const resources = resourcesOf(keyed, type);
    expect(resources.length).toBeGreaterThan(0);
    for (const { body } of resources) expect(stored(body)).toEqual(expected);
  });

  test("every bucket is under it, with a key for the bucket; but that of the logs, into which S3 would deliver none", () => {
    const buckets = resourcesOf(keyed, "aws_s3_bucket_server_side_encryption_configuration").map((resource) => {
      const byDefault = { sse_algorithm: "aws:kms", kms_master_key_id: KEY };
      const [isLogs, rule] = [constructPathOf(resource).startsWith("Data/Logs/"), resource.body["rule"]];
      expect(rule).toEqual([
        isLogs
          ? { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }
          : { apply_server_side_encryption_by_default: byDefault, bucket_key_enabled: true },
      ]);
      return isLogs;
    });
    expect(buckets.sort()).toEqual([false, false, false, true]);
  });

  /** What a role must be allowed to do with the key for what it may do, by the service that it does it through. */
  const READING: Readonly<Record<string, readonly string[]>> = {
    s3: ["s3:GetObject", "s3:GetObjectVersion"],
    sqs: ["sqs:ReceiveMessage"],
    dynamodb: [
      "dynamodb:GetItem",
      "dynamodb:BatchGetItem",
      "dynamodb:Query",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:CreateBackup",
    ],
  };
  const WRITING: Readonly<Record<string, readonly string[]>> = { s3: ["s3:PutObject"], sqs: ["sqs:SendMessage"] };

  test("each role may use it through just the services whose stores it reads or writes, and for no more", () => {
    const policies = resourcesOf(keyed, "aws_iam_role_policy");
    expect(policies.length).toBeGreaterThan(10);
    for (const policy of policies) {
      const statements = statementsOf(policy.body["policy"]);
      const may = new Set(statements.flatMap(({ Action }) => Action));
      const isLambda = resourcesOf(keyed, "aws_lambda_function").some(({ address }) =>
        policy.address.includes(`${(address.split(".")[1] ?? "").replace(/_[0-9A-F]{8}$/, "")}_Role_Policy`),
      );
      const needed = Object.fromEntries(
        ["dynamodb", "lambda", "s3", "sqs"].flatMap((service) => {
          const writes = WRITING[service]?.some((action) => may.has(action)) === true;
          const reads = READING[service]?.some((action) => may.has(action)) === true || (service === "lambda" && isLambda);
          if (!writes && !reads) return [];
          return [[`${service}.us-east-1.amazonaws.com`, writes ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"]]];
        }),
      );
      const given = statements.filter(({ Action }) => Action.some((action) => action.startsWith("kms:")));
      for (const { Resource } of given) expect(Resource).toEqual([KEY]);
      const services = given.map(({ Action, Condition }) => {
        const equals = Condition?.["StringEquals"] as Readonly<Record<string, string>> | undefined;
        return [String(equals?.["kms:ViaService"]), Action] as const;
      });
      expect({ at: constructPathOf(policy), uses: Object.fromEntries(services) }).toEqual({ at: constructPathOf(policy), uses: needed });
    }
  });

  test("Terraform looks at it when it plans", () => {
    const [key] = Object.values(keyed.data["aws_kms_key"] ?? {});
    expect(key).toMatchObject({ key_id: KEY });
    expect(JSON.stringify(key)).toContain("self.enabled");
    expect(JSON.stringify(key)).toContain("SYMMETRIC_DEFAULT");
  });
});

describe("what an account asks of its roles", () => {
  test("every role has the boundary and the path, and so has the instances' profile the path", () => {
    const roles = resourcesOf(keyed, "aws_iam_role");
    expect(roles.length).toBeGreaterThan(10);
    for (const { body } of roles) expect([body["permissions_boundary"], body["path"]]).toEqual([BOUNDARY, PATH]);
    expect(resourcesOf(keyed, "aws_iam_instance_profile").map(({ body }) => body["path"])).toEqual([PATH]);
  });

  test("by default there is neither", () => {
    for (const { body } of resourcesOf(prod, "aws_iam_role")) {
      expect(body).not.toHaveProperty("permissions_boundary");
      expect(body).not.toHaveProperty("path");
    }
  });
});

describe("prod", () => {
  test("Terraform refuses to delete or replace any store", () => {
    const stores = ["aws_s3_bucket", "aws_dynamodb_table", "aws_sqs_queue", "aws_cloudwatch_log_group", "aws_backup_vault"];
    for (const type of stores) {
      expect(resourcesOf(prod, type).length).toBeGreaterThan(0);
      for (const { body } of resourcesOf(prod, type)) expect(body["lifecycle"]).toMatchObject({ prevent_destroy: true });
    }
    expect(JSON.stringify(stackOf("dev"))).not.toContain("prevent_destroy");
  });

  test("every bucket but the logs' own has its access log there, under a prefix of its own", () => {
    const buckets = resourcesOf(prod, "aws_s3_bucket").filter((bucket) => constructPathOf(bucket) !== "Data/Logs/Bucket");
    const logged = resourcesOf(prod, "aws_s3_bucket_logging").map(({ body }) => body["bucket"]);
    expect(logged).toEqual(buckets.map(({ address }) => `\${${address}.bucket}`));
    const prefixes = resourcesOf(prod, "aws_s3_bucket_logging").map(({ body }) => body["target_prefix"]);
    expect(new Set(prefixes).size).toBe(buckets.length);
  });

  test("every table is backed up, for as long as results are kept (S1.108)", () => {
    const [selection] = resourcesOf(prod, "aws_backup_selection");
    expect(selection?.body["resources"]).toHaveLength(2);
    const tables = resourcesOf(prod, "aws_dynamodb_table").map(({ address }) => `\${${address}.arn}`);
    expect(new Set(selection?.body["resources"] as readonly string[])).toEqual(new Set(tables));
    const config = configurationOf("prod");
    expect(config.backupDays).toBe(config.storage.batchRetentionDays);
  });

  test("the network ACL lets through what the security group does, and no administration port (S2.88)", () => {
    const [acl] = resourcesOf(prod, "aws_network_acl");
    const rules = (side: string) =>
      acl?.body[side] as readonly { cidr_block: string; from_port: number; to_port: number; protocol: string }[];
    expect(rules("egress").filter(({ cidr_block: to }) => to === "0.0.0.0/0")).toMatchObject([
      { from_port: 443, to_port: 443, protocol: "tcp" },
    ]);
    for (const port of [22, 3389, 443, 80])
      for (const { cidr_block: from, from_port: first, to_port: last } of rules("ingress"))
        expect({ from, open: first <= port && port <= last }).toEqual({ from, open: from !== "0.0.0.0/0" && port === 443 });
  });
});

test("no environment leaves the VPC's own group open, and only prod has what costs by use", () => {
  for (const name of ["local", "dev", "coursework"] as const) {
    const stack = stackOf(name);
    const types = new Set(allResources(stack).map(({ type }) => type));
    expect(types).toContain("aws_default_security_group");
    for (const type of ["aws_flow_log", "aws_s3_bucket_logging", "aws_backup_vault", "aws_network_acl"]) expect(types).not.toContain(type);
  }
  for (const { body } of resourcesOf(prod, "aws_default_security_group")) {
    expect(body).not.toHaveProperty("ingress");
    expect(body).not.toHaveProperty("egress");
  }
});
