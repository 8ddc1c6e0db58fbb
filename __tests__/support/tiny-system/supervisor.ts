import { runSupervisor } from "../../../kit/local/supervisor";
import { TINY_SYSTEMS } from "./system";

runSupervisor(TINY_SYSTEMS, process, process.env);
