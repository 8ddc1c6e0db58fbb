export { InvalidTokenError, StatesError, TaskDoesNotExistError, TaskTimedOutError, UnsupportedDefinitionError } from "./errors";
export { StepFunctions, type StepFunctionsOptions } from "./step-functions";
export type { StatusChange, TaskServices } from "./world";
export { InterpretedTaskCallback } from "./interpreted-task-callback";
