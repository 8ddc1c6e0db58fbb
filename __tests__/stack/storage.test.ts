import { testAssertions } from "./assertions/assertions";
import { storageAssertions } from "./assertions/storage";

testAssertions(storageAssertions);
