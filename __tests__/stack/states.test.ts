import { testAssertions } from "./assertions/assertions";
import { statesAssertions } from "./assertions/states";

testAssertions(statesAssertions);
