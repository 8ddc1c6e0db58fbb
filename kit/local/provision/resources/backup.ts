import { z } from "zod";
import { text } from "../../../graph/arguments";
import { resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

/** Backup is no service of a local stack: the gate before the emulator lets nobody ask for it. */
const NO_BACKUPS = {
  type: {
    instead: "nothing is made",
    reason: "a local stack ends with its data: there is nothing to keep for longer, and no environment that runs here asks for it",
  },
};

const vaultType = resourceType(
  z.object({ name: text }),
  ({ name }, { region, accountId }) => Promise.resolve({ id: name, arn: `arn:aws:backup:${region}:${accountId}:backup-vault:${name}` }),
  NO_BACKUPS,
);

const planType = resourceType(
  z.object({ name: text }),
  ({ name }, { region, accountId }) => Promise.resolve({ id: name, arn: `arn:aws:backup:${region}:${accountId}:backup-plan:${name}` }),
  NO_BACKUPS,
);

const selectionType = resourceType(z.object({ name: text }), ({ name }) => Promise.resolve({ id: name }), NO_BACKUPS);

export const BACKUP_TYPES = {
  aws_backup_plan: planType,
  aws_backup_selection: selectionType,
  aws_backup_vault: vaultType,
} satisfies Record<string, ResourceType>;
