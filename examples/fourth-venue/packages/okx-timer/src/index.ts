export { isOptionError, OptionError } from "@x/base/errors";
export { OkxError, type OkxErrorDetails, type OkxErrorKind } from "./errors.ts";
export { cancelAllAfter, type OkxCallOptions, type OkxCountdown } from "./http/cancel-all-after.ts";
export { checkOkxTimerOptions, type OkxTimerOptions, okxDefaults } from "./options.ts";
