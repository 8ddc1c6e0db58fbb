import { expect } from "expect";
import { constructPathOf, referrersOf, resourceAt, resourcesOf, statementsOf } from "../../../../support/synth";
import { assertions } from "./assertions";

export const storageAssertions = assertions("storage", ({ config, stack }, test) => {
  const buckets = resourcesOf(stack, "aws_s3_bucket");

  test("bucket names follow <prefix>-<what>-<owner> (S0.9, S1.26, S1.41)", () => {
    expect(buckets.map(({ body }) => body["bucket"]).sort()).toEqual(
      ["batch-state", "data-processing", ...(config.auditLogDays === undefined ? [] : ["logs"]), "uploading"].map(
        (what) => `${config.bucketPrefix}-${what}-${config.owner}`,
      ),
    );
  });

  for (const [type, expected] of [
    [
      "aws_s3_bucket_public_access_block",
      { block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true },
    ],
    ["aws_s3_bucket_ownership_controls", { rule: { object_ownership: "BucketOwnerEnforced" } }],
    [
      "aws_s3_bucket_server_side_encryption_configuration",
      { rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }] },
    ],
    ["aws_s3_bucket_versioning", { versioning_configuration: { status: "Enabled" } }],
  ] as const)
    test(`every bucket has one ${type}`, () => {
      for (const bucket of buckets) {
        const found = referrersOf(stack, type, bucket);
        expect(found).toHaveLength(1);
        expect(found[0]?.body).toMatchObject(expected);
      }
    });

  test("every bucket refuses what doesn't come over TLS, on itself and on its objects", () => {
    for (const bucket of buckets) {
      // the log bucket's policy names the others, too
      const [policy] = referrersOf(stack, "aws_s3_bucket_policy", bucket).filter(
        ({ body }) => body["bucket"] === `\${${bucket.address}.bucket}`,
      );
      expect(statementsOf(policy?.body["policy"])).toContainEqual({
        Sid: "DenyWithoutTls",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [`\${${bucket.address}.arn}`, `\${${bucket.address}.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });

  test("no bucket but that of the logs lets anybody in by its own policy", () => {
    const statements = resourcesOf(stack, "aws_s3_bucket_policy")
      .filter((resource) => constructPathOf(resource) !== "Data/Logs/Bucket/Policy")
      .flatMap(({ body }) => statementsOf(body["policy"]));
    expect(statements).not.toHaveLength(0);
    expect(statements.filter(({ Effect }) => Effect === "Allow")).toEqual([]);
  });

  test("every bucket ends uploads that were left and states the smallest size that moves", () => {
    for (const bucket of buckets) {
      const [lifecycle] = referrersOf(stack, "aws_s3_bucket_lifecycle_configuration", bucket);
      expect(lifecycle?.body).toMatchObject({ transition_default_minimum_object_size: "all_storage_classes_128K" });
      expect(lifecycle?.body["rule"]).toContainEqual(
        expect.objectContaining({ status: "Enabled", abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }] }),
      );
      expect(lifecycle?.body["rule"]).toContainEqual(
        expect.objectContaining({ noncurrent_version_expiration: [{ noncurrent_days: config.storage.noncurrentVersionDays }] }),
      );
    }
  });

  test("only the uploading bucket archives: Deep Archive after 30 days (S0.31, S1.105)", () => {
    const transitions = resourcesOf(stack, "aws_s3_bucket_lifecycle_configuration").map(({ address, body }) => ({
      address,
      rules: (body["rule"] as Record<string, unknown>[]).flatMap((rule) => rule["transition"] ?? []),
    }));
    const uploading = resourceAt(stack, "aws_s3_bucket_lifecycle_configuration", "Data/Uploading/Lifecycle");
    expect(transitions.filter(({ rules }) => rules.length > 0)).toEqual([
      { address: uploading.address, rules: [{ days: 30, storage_class: "DEEP_ARCHIVE" }] },
    ]);
  });

  test("the state bucket forgets batches after their retention, and the worker's archive never", () => {
    const { body } = resourceAt(stack, "aws_s3_bucket_lifecycle_configuration", "Data/State/Lifecycle");
    const expiring = (body["rule"] as { filter: { prefix: string }[]; expiration?: { days?: number }[] }[]).flatMap(
      ({ filter, expiration }) => (expiration?.[0]?.days === undefined ? [] : [{ prefix: filter[0]?.prefix, days: expiration[0].days }]),
    );
    const days = config.storage.batchRetentionDays;
    expect(expiring).toEqual(["batches/", "map-runs/", "uploads/"].map((prefix) => ({ prefix, days })));
  });

  test("tables pay per request, have DynamoDB's own key, which is free, and go back 35 days (K3, S1.107)", () => {
    for (const { body } of resourcesOf(stack, "aws_dynamodb_table")) {
      expect(body).toMatchObject({
        billing_mode: "PAY_PER_REQUEST",
        point_in_time_recovery: { enabled: true, recovery_period_in_days: 35 },
        deletion_protection_enabled: config.protectData,
      });
      // `enabled = true` is not "more": it switches from DynamoDB's key to one in the account's KMS
      expect(body).not.toHaveProperty("server_side_encryption");
    }
  });

  test("`wordfreq` has the file name as its only key, so a second delivery adds no row (S0.11, S1.33, S1.80)", () => {
    const { body } = resourceAt(stack, "aws_dynamodb_table", "Data/ResultTable");
    expect(body).toMatchObject({ name: "wordfreq", hash_key: "Filename", attribute: [{ name: "Filename", type: "S" }] });
    expect(body).not.toHaveProperty("range_key");
  });

  test("the ledger's rows end by themselves", () => {
    expect(resourceAt(stack, "aws_dynamodb_table", "Data/Ledger").body).toMatchObject({
      hash_key: "pk",
      range_key: "sk",
      ttl: { enabled: true, attribute_name: "expiresAt" },
    });
  });
});
