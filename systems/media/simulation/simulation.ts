import type { Simulation } from "../../../kit/simulator/survey/simulation";
import { SABOTAGES } from "./sabotages";

export const simulation: Simulation = { sabotages: SABOTAGES };
