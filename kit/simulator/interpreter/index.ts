export { InvalidTokenError, StatesError, TaskDoesNotExistError, TaskTimedOutError, UnsupportedDefinitionError } from "./errors";
export { StepFunctions, type ExecutionDescription, type StepFunctionsOptions } from "./step-functions";
export type { ClosedStatus, ExecutionStatus, StatusChange, TaskServices } from "./world";
export { InterpretedTaskCallback } from "./interpreted-task-callback";
