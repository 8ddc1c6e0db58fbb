import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBServiceException,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  TableAlreadyExistsException,
  TableNotFoundException,
  TagResourceCommand,
  UpdateTableCommand,
  type TableStatus,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Tags } from "../ports/stack-storage";
import {
  RestoreRefusedError,
  TableMissingError,
  TableTakenError,
  type RecoveryWindow,
  type TableRecovery,
  type TableState,
} from "../ports/table-recovery";

/** DynamoDB's states, as far as a side table comes to them. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
const STATUSES: Partial<Record<TableStatus, TableState["status"]>> = { ACTIVE: "ready", DELETING: "leaving" };

/** DynamoDB through the SDK. */
export class SdkTableRecovery implements TableRecovery {
  public constructor(private readonly tables: DynamoDBDocumentClient) {}

  public async window(table: string): Promise<RecoveryWindow | undefined> {
    try {
      const { ContinuousBackupsDescription: backups } = await this.tables.send(new DescribeContinuousBackupsCommand({ TableName: table }));
      const recovery = backups?.PointInTimeRecoveryDescription;
      const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } = recovery ?? {};
      if (recovery?.PointInTimeRecoveryStatus !== "ENABLED" || earliest === undefined || latest === undefined) return undefined;
      return { earliest: earliest.getTime(), latest: latest.getTime() };
    } catch (error) {
      if (isMissing(error)) throw new TableMissingError(table);
      throw error;
    }
  }

  public async state(table: string): Promise<TableState | undefined> {
    try {
      const { Table: found } = await this.tables.send(new DescribeTableCommand({ TableName: table }));
      if (found?.TableArn === undefined || found.TableStatus === undefined)
        throw new Error(`DescribeTable of ${table} answered without ARN or status; is the endpoint really DynamoDB?`);
      const restores = found.RestoreSummary?.RestoreInProgress === true;
      return {
        arn: found.TableArn,
        status: restores ? "making" : (STATUSES[found.TableStatus] ?? "making"),
        bytes: found.TableSizeBytes ?? 0,
        items: found.ItemCount ?? 0,
        isProtected: found.DeletionProtectionEnabled === true,
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  public async restore(source: string, target: string, at: number): Promise<void> {
    try {
      await this.tables.send(
        new RestoreTableToPointInTimeCommand({ SourceTableName: source, TargetTableName: target, RestoreDateTime: new Date(at) }),
      );
    } catch (error) {
      if (error instanceof TableAlreadyExistsException) throw new TableTakenError(target);
      if (isMissing(error)) throw new TableMissingError(source);
      if (error instanceof DynamoDBServiceException && error.$fault === "client") throw new RestoreRefusedError(source, error);
      throw error;
    }
  }

  public async tag(arn: string, tags: Tags): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.tables.send(new TagResourceCommand({ ResourceArn: arn, Tags }));
  }

  public async tagsOf(arn: string): Promise<Tags> {
    const found: Record<string, string> = {};
    let NextToken: string | undefined;
    do {
      const page = await this.tables.send(
        new ListTagsOfResourceCommand({ ResourceArn: arn, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      for (const { Key = "", Value = "" } of page.Tags ?? []) found[Key] = Value;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  }

  public async named(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    let last: string | undefined;
    do {
      const page = await this.tables.send(new ListTablesCommand(last === undefined ? {} : { ExclusiveStartTableName: last }));
      names.push(...(page.TableNames ?? []).filter((name) => name.startsWith(prefix)));
      last = page.LastEvaluatedTableName;
    } while (last !== undefined);
    return names.sort();
  }

  public async unprotect(table: string): Promise<void> {
    await this.tables.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
  }

  public async remove(table: string): Promise<void> {
    try {
      await this.tables.send(new DeleteTableCommand({ TableName: table }));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => error instanceof ResourceNotFoundException || error instanceof TableNotFoundException;
