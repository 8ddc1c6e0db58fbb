import { CreateTableCommand, DynamoDBClient, UpdateContinuousBackupsCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import type { BillingMode, KeySchemaElement, ProjectionType, ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { block, blocks, flag, optionalFlag, optionalText, optionalTexts, optionalWhole, text } from "../../../graph/arguments";
import { defined, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const tableArguments = z.object({
  name: text,
  billing_mode: optionalText,
  hash_key: text,
  range_key: optionalText,
  attribute: blocks(z.object({ name: text, type: text })),
  global_secondary_index: blocks(
    z.object({ name: text, hash_key: text, range_key: optionalText, projection_type: text, non_key_attributes: optionalTexts }),
  ),
  ttl: block(z.object({ enabled: optionalFlag, attribute_name: optionalText })),
  point_in_time_recovery: block(z.object({ enabled: flag, recovery_period_in_days: optionalWhole })),
  deletion_protection_enabled: optionalFlag,
});

const tableType = resourceType(tableArguments, async (values, { clients, region, accountId }) => {
  const TableName = values.name;
  await clients.of(DynamoDBClient).send(new CreateTableCommand(tableOf(values)));
  if (values.ttl?.enabled === true) {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: values.ttl.attribute_name };
    await clients.of(DynamoDBClient).send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  const recovery = values.point_in_time_recovery;
  if (recovery?.enabled === true) {
    await clients.of(DynamoDBClient).send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: defined({
          PointInTimeRecoveryEnabled: true,
          RecoveryPeriodInDays: recovery.recovery_period_in_days,
        }),
      }),
    );
  }
  return { id: TableName, arn: `arn:aws:dynamodb:${region}:${accountId}:table/${TableName}` };
});

function tableOf(values: z.output<typeof tableArguments>) {
  return {
    TableName: values.name,
    BillingMode: (values.billing_mode ?? "PROVISIONED") as BillingMode,
    AttributeDefinitions: values.attribute.map(({ name, type }) => ({ AttributeName: name, AttributeType: type as ScalarAttributeType })),
    KeySchema: keySchema(values.hash_key, values.range_key),
    DeletionProtectionEnabled: values.deletion_protection_enabled ?? false,
    ...(values.global_secondary_index.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: values.global_secondary_index.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index.hash_key, index.range_key),
            Projection: defined({ ProjectionType: index.projection_type as ProjectionType, NonKeyAttributes: index.non_key_attributes }),
          })),
        }),
  };
}

const keySchema = (hashKey: string, rangeKey: string | undefined): KeySchemaElement[] => [
  { AttributeName: hashKey, KeyType: "HASH" },
  ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" as const }]),
];

export const DYNAMODB_TYPES = { aws_dynamodb_table: tableType } satisfies Record<string, ResourceType>;
