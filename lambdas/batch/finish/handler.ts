import { awsHandler } from "../../../kit/function/aws-handler";
import { ledger, workflow } from "../aws-ports";
import { finishFunction } from "./function";

export const handler = awsHandler(finishFunction, { ledger, workflow }, process.env);
