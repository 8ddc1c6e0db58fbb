import { testAssertions } from "./assertions/assertions";
import { workflowAssertions } from "./assertions/workflow";

testAssertions(workflowAssertions);
