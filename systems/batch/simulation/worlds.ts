/**
 * What `simulate:faults` loads: bundled apart from the command, with the file system in memory and, for a sabotage, with one rule of
 * the project's code switched off (scripts/build/simulator-bundle.mjs).
 */
export { fleetThatCannotStart, midSizeBatch } from "./costs/scenarios";
export { ALARM_CAUSES as alarmCauses } from "./alarms/causes";
export { burstOfUploads, nothingToDo } from "./uploads/scenarios";
export { runSeed, runUndisturbed } from "./world/run-seed";
