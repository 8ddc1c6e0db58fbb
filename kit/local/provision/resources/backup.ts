import { BackupClient, CreateBackupPlanCommand, CreateBackupSelectionCommand, CreateBackupVaultCommand } from "@aws-sdk/client-backup";
import { z } from "zod";
import { block, blocks, optionalText, optionalWhole, text, texts } from "../../../graph/arguments";
import { answered, defined, recorded, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const NO_BACKUPS = recorded("a local stack ends with its data: there is nothing to keep for longer");

const vaultType = resourceType(
  z.object({ name: text, kms_key_arn: optionalText }),
  async ({ name, kms_key_arn }, { clients }) => {
    const { BackupVaultArn } = await clients
      .of(BackupClient)
      .send(new CreateBackupVaultCommand({ ...defined({ EncryptionKeyArn: kms_key_arn }), BackupVaultName: name }));
    return { id: name, arn: answered(BackupVaultArn, "BackupVaultArn") };
  },
  NO_BACKUPS,
);

const planType = resourceType(
  z.object({
    name: text,
    rule: blocks(
      z.object({
        rule_name: text,
        target_vault_name: text,
        schedule: optionalText,
        lifecycle: block(z.object({ delete_after: optionalWhole, cold_storage_after: optionalWhole })),
      }),
    ),
  }),
  async ({ name, rule }, { clients }) => {
    const Rules = rule.map(({ lifecycle, rule_name, schedule, target_vault_name }) => ({
      ...defined({
        ScheduleExpression: schedule,
        Lifecycle:
          lifecycle === undefined
            ? undefined
            : defined({ DeleteAfterDays: lifecycle.delete_after, MoveToColdStorageAfterDays: lifecycle.cold_storage_after }),
      }),
      RuleName: rule_name,
      TargetBackupVaultName: target_vault_name,
    }));
    const { BackupPlanArn, BackupPlanId } = await clients
      .of(BackupClient)
      .send(new CreateBackupPlanCommand({ BackupPlan: { BackupPlanName: name, Rules } }));
    return { id: answered(BackupPlanId, "BackupPlanId"), arn: answered(BackupPlanArn, "BackupPlanArn") };
  },
  NO_BACKUPS,
);

const selectionType = resourceType(
  z.object({ name: text, plan_id: text, iam_role_arn: text, resources: texts }),
  async ({ name, plan_id, iam_role_arn, resources }, { clients }) => {
    const { SelectionId } = await clients.of(BackupClient).send(
      new CreateBackupSelectionCommand({
        BackupPlanId: plan_id,
        BackupSelection: { SelectionName: name, IamRoleArn: iam_role_arn, Resources: resources },
      }),
    );
    return { id: answered(SelectionId, "SelectionId") };
  },
  NO_BACKUPS,
);

export const BACKUP_TYPES = {
  aws_backup_plan: planType,
  aws_backup_selection: selectionType,
  aws_backup_vault: vaultType,
} satisfies Record<string, ResourceType>;
