import type { Rule } from "../rule";
import { openIngress, publicAccess, tlsOnlyLost } from "./access";
import { encryptionLost, instanceMetadataOpen } from "./encryption";
import { serviceShutOut, sweepingPermissions, unreadablePolicy, widerPermissions } from "./permissions";
import { forgotten, emptiedWhenDestroyed, noticedUpdate } from "./running";
import { scaleInHazard } from "./scaling";
import { deletionProtectionLost, keptShorter, recoveryLost, storeDestroyed, versioningLost } from "./stores";
import { missingTags } from "./tags";
import { timeoutsFit } from "./timeouts";
import { alarmRemoved, scheduleRemoved } from "./watching";
import { drift, unfinishedPlan } from "./whole";

/** Every rule, in the order in which findings are told: what can't be undone comes first. */
export const RULES: readonly Rule[] = [
  unfinishedPlan,
  storeDestroyed,
  keptShorter,
  recoveryLost,
  versioningLost,
  deletionProtectionLost,
  encryptionLost,
  publicAccess,
  openIngress,
  tlsOnlyLost,
  widerPermissions,
  sweepingPermissions,
  unreadablePolicy,
  serviceShutOut,
  instanceMetadataOpen,
  scaleInHazard,
  alarmRemoved,
  scheduleRemoved,
  timeoutsFit,
  missingTags,
  noticedUpdate,
  forgotten,
  emptiedWhenDestroyed,
  drift,
];
