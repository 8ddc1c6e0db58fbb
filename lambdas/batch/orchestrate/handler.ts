import { awsHandler } from "../../../kit/function/aws-handler";
import { capacity, ledger, queue } from "../aws-ports";
import { orchestrateFunction } from "./function";

export const handler = awsHandler(orchestrateFunction, { capacity, ledger, queue }, process.env);
