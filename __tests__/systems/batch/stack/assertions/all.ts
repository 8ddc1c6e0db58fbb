import type { Assertions } from "./assertions";
import { firstStartAssertions } from "./first-start";
import { fleetAssertions } from "./fleet";
import { kindsAssertions } from "./kinds";
import { messagingAssertions } from "./messaging";
import { networkAssertions } from "./network";
import { permissionsAssertions } from "./permissions";
import { processesAssertions } from "./processes";
import { rulesAssertions } from "./rules";
import { settingsAssertions } from "./settings";
import { statesAssertions } from "./states";
import { storageAssertions } from "./storage";
import { tagsAssertions } from "./tags";
import { workflowAssertions } from "./workflow";

/** Everything that is asserted about a stack, the cheap first. */
export const ALL_ASSERTIONS: readonly Assertions[] = [
  kindsAssertions,
  settingsAssertions,
  statesAssertions,
  firstStartAssertions,
  storageAssertions,
  messagingAssertions,
  networkAssertions,
  fleetAssertions,
  tagsAssertions,
  permissionsAssertions,
  workflowAssertions,
  rulesAssertions,
  processesAssertions,
];
