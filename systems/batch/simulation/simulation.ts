import type { Simulation } from "../../../kit/simulator/survey/simulation";
import { SABOTAGES } from "./sabotage/sabotages";
import { simulateCosts } from "./simulate-costs";

export const simulation: Simulation = { sabotages: SABOTAGES, simulateCosts };
