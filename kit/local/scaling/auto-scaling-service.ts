import { operationsOf, type Service } from "../services/service";
import { groupOperations } from "./group-operations";
import { hookOperations } from "./hook-operations";
import { instanceOperations } from "./instance-operations";
import type { OperationContext } from "./operation-context";
import { policyOperations } from "./policy-operations";
import { tagOperations } from "./tag-operations";

/** EC2 Auto Scaling. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html */
export const autoScalingService = (context: OperationContext): Service => ({
  name: "autoscaling",
  dialect: "query",
  xmlNamespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  operations: operationsOf(
    [groupOperations, hookOperations, instanceOperations, policyOperations, tagOperations].flatMap((of) => of(context)),
  ),
});
