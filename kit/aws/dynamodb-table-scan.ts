import { paginateScan, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ScanFigures, TableScan } from "../ports/table-scan";

/** Scans of one table, page by page, no item kept. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html */
export class DynamoDbTableScan implements TableScan {
  public constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly tableName: string,
    private readonly keyName: string,
  ) {}

  public async count(prefix: string, pages: number): Promise<ScanFigures> {
    const figures = { returned: 0, scanned: 0 };
    let units: number | undefined;
    let left = pages;
    const input = {
      TableName: this.tableName,
      ExpressionAttributeNames: { "#key": this.keyName },
      ExpressionAttributeValues: { ":prefix": prefix },
      FilterExpression: "begins_with(#key, :prefix)",
      Select: "COUNT",
      ReturnConsumedCapacity: "TOTAL",
    } as const;
    for await (const { ConsumedCapacity, Count = 0, LastEvaluatedKey, ScannedCount = 0 } of paginateScan({ client: this.client }, input)) {
      figures.returned += Count;
      figures.scanned += ScannedCount;
      if (ConsumedCapacity?.CapacityUnits !== undefined) units = (units ?? 0) + ConsumedCapacity.CapacityUnits;
      left -= 1;
      if (left === 0 && LastEvaluatedKey !== undefined) return done(false);
    }
    return done(true);

    function done(isWhole: boolean): ScanFigures {
      return { ...figures, isWhole, ...(units === undefined ? {} : { consumedReadUnits: units }) };
    }
  }
}
