import { DataAwsKmsKey } from "@cdktf/provider-aws/lib/data-aws-kms-key";
import type { Construct } from "constructs";

/** What must be true of a key for the services to take it; its policy, which nobody but KMS's own call reads, is not among it. */
const CONDITIONS: readonly { readonly condition: string; readonly problem: string }[] = [
  { condition: "self.enabled", problem: "is not enabled" },
  {
    condition: 'self.key_usage == "ENCRYPT_DECRYPT" && self.customer_master_key_spec == "SYMMETRIC_DEFAULT"',
    problem: "is no symmetric key",
  },
];

/** Has Terraform look at the key when it plans: services would refuse one that doesn't suit only while it is applied. */
export function checkKey(scope: Construct, keyArn: string): void {
  new DataAwsKmsKey(scope, "key", { keyId: keyArn }).addOverride(
    "lifecycle.postcondition",
    CONDITIONS.map(({ condition, problem }) => ({
      condition: `\${${condition}}`,
      error_message: `the key ${keyArn} ${problem}: give another one as FILEMILL_KMS_KEY_ARN, or unset it`,
    })),
  );
}
