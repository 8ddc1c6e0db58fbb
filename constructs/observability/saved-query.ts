import { CloudwatchQueryDefinition } from "@cdktf/provider-aws/lib/cloudwatch-query-definition";
import type { Construct } from "constructs";

export interface SavedQueryProps {
  /** Folders with slashes between, as the console shows them. */
  readonly queryName: string;
  readonly logGroupNames: readonly string[];
  /** Commands of Logs Insights, a line each. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html */
  readonly commands: readonly string[];
}

/** A query of Logs Insights that somebody will need at night. Saving it costs nothing, running it $0.005 for each GB that it reads. */
export function addSavedQuery(scope: Construct, id: string, { commands, logGroupNames, queryName }: SavedQueryProps): void {
  new CloudwatchQueryDefinition(scope, id, {
    name: queryName,
    logGroupNames: [...logGroupNames],
    queryString: commands.join("\n| "),
  });
}
