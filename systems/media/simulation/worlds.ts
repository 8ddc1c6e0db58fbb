/** What `simulate:faults --system media` loads; bundled apart from the command (scripts/build/simulator-bundle.mjs). */
export { ALARM_CAUSES as alarmCauses } from "./alarms/causes";
export { runSeed, runUndisturbed } from "./world/run-seed";
