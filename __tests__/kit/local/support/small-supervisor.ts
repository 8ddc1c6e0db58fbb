import { runSupervisor } from "../../../../kit/local/supervisor";
import { SMALL } from "./small-stack";

/** The supervisor of a program that has the small system only. */
runSupervisor([SMALL], process, process.env);
