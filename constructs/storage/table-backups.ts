import { BackupPlan } from "@cdktf/provider-aws/lib/backup-plan";
import { BackupSelection } from "@cdktf/provider-aws/lib/backup-selection";
import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { Role } from "../iam/role";
import type { Table } from "./table";

export interface TableBackupsProps {
  /** Of the vault, the plan and the role: letters, digits, dashes; at most 50. */
  readonly name: string;
  readonly tables: readonly Table[];
  /** Days a backup is kept. */
  readonly retentionDays: number;
  readonly accountId: string;
}

/** On the first of each month at 03:00 UTC. Point-in-time recovery has every second of the last 35 days: backups are for what is older. */
const MONTHLY = "cron(0 3 1 * ? *)";

/**
 * A copy of each table each month, in a vault that refuses to be deleted while it holds any: AWS Backup has them, so they are there when a
 * table, its recovery period and its owner's good sense are gone (requirement S1.108). $0.10 a GB and month for each copy.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html
 */
class TableBackups extends Construct {
  public constructor(scope: Construct, id: string, { name, tables, retentionDays, accountId }: TableBackupsProps) {
    super(scope, id);
    const key = encryptionKeyOf(this);
    const vault = new BackupVault(this, "Vault", { name, ...(key === undefined ? {} : { kmsKeyArn: key.keyArn }) });
    const plan = new BackupPlan(this, "Resource", {
      name,
      rule: [
        {
          ruleName: "monthly",
          targetVaultName: vault.name,
          schedule: MONTHLY,
          lifecycle: { deleteAfter: retentionDays },
        },
      ],
    });
    const role = new Role(this, "Role", {
      roleName: name,
      description: "AWS Backup copies the tables in its name",
      trustedService: "backup.amazonaws.com",
      trustConditions: { StringEquals: { "aws:SourceAccount": accountId } },
    });
    for (const table of tables) table.grantBackUp(role);
    new BackupSelection(this, "Selection", {
      name: "tables",
      planId: plan.id,
      iamRoleArn: role.roleArn,
      resources: tables.map(({ tableArn }) => tableArn),
      // AWS Backup refuses a role that it can't take
      dependsOn: [role.policy],
    });
  }
}

/** Backups where the configuration asks for them. */
export function addTableBackups(
  scope: Construct,
  id: string,
  { backupDays, ...props }: Omit<TableBackupsProps, "retentionDays"> & { readonly backupDays?: number | undefined },
): void {
  if (backupDays !== undefined) new TableBackups(scope, id, { ...props, retentionDays: backupDays });
}
