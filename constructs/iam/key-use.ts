import type { PermissionStatement } from "./statement";
import type { EncryptionKey } from "../encryption/encryption-key";

/** Services that use the key in the name of whoever calls them. */
export type KeyService = "dynamodb" | "lambda" | "s3" | "sns" | "sqs";

/**
 * What a caller of a service does with what is stored there. Writers decrypt too: SQS and SNS check a data key by it, and S3 needs it for
 * the parts of an upload. DynamoDB asks for no more than `read` from those who write items: its data keys are its own.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export type KeyUse = "read" | "write";

/** The uses of one grantee, by service. */
export class KeyUses {
  readonly #uses = new Map<KeyService, KeyUse>();

  public add(service: KeyService, use: KeyUse): void {
    if (this.#uses.get(service) !== "write") this.#uses.set(service, use);
  }

  /** One for each service: through no other is the key of any use. */
  public statements({ keyArn, region }: EncryptionKey): PermissionStatement[] {
    return [...this.#uses].map(([service, use]) => ({
      sid: `UseKey${service.slice(0, 1).toUpperCase()}${service.slice(1)}`,
      actions: use === "read" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:ViaService": `${service}.${region}.amazonaws.com` } },
    }));
  }
}
