import { testAssertions } from "./assertions/assertions";
import { kindsAssertions } from "./assertions/kinds";

testAssertions(kindsAssertions);
