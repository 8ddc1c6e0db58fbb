import { runSupervisor } from "../kit/local/supervisor";
import { SYSTEMS } from "../systems";

/** The process behind `filemill local up` (a composition root). */
runSupervisor(SYSTEMS, process, process.env);
