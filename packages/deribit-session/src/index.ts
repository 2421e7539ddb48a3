export type { DeribitAuthorization, DeribitCredentials, DeribitTokens } from "./authorization.ts";
export { connectDeribit } from "./connect.ts";
export type { DeribitConnection, DeribitLeft } from "./connection.ts";
export { type DeribitCreditOptions, DeribitCredits, deribitCreditDefaults } from "./credits.ts";
export {
	type CancelOnDisconnectFired,
	type DeribitEndReason,
	DeribitError,
	type DeribitErrorKind,
	isDeribitError,
} from "./errors.ts";
export type { DeribitNotification } from "./frames.ts";
export { createDeribitHttp, type DeribitHttp } from "./http.ts";
export type {
	DeribitArguments,
	DeribitAuthParams,
	DeribitCallOptions,
	DeribitHttpMethod,
	DeribitMethod,
	DeribitParams,
	DeribitResult,
} from "./methods.ts";
export { type DeribitHttpOptions, type DeribitOptions, deribitDefaults } from "./options.ts";
export type { ErrorData } from "./redact.ts";
export { DeribitSessionNames, deribitSessionNames } from "./session-names.ts";
export { type DeribitSignatureInput, deribitSignature } from "./signature.ts";
export type { DeribitStrange } from "./strange.ts";
