/** All that provisioning needs; a module of its own because a dozen SDK clients are loaded with it, which only a start needs. */
export { checkUnenforcedPermissions } from "./check-permissions";
export { Clients } from "./clients";
export { provisionStack, updateStack } from "./provision";
export { assumeRole } from "./role-credentials";
