import { testAssertions } from "./assertions/assertions";
import { processesAssertions } from "./assertions/processes";

testAssertions(processesAssertions);
