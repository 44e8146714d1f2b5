export { ERRORS, type ErrorCode, type ErrorRow } from './table';
export { errorText, FleetError, isFleetError, isPermanent, type ErrorDetails, type FieldError } from './fleet-error';
