export { isOptionError, OptionError } from "@x/base/errors";
export {
	checkDeribitCredentials,
	type DeribitAuthorization,
	type DeribitCredentials,
	type DeribitTokens,
} from "./auth/credentials-and-tokens.ts";
export { DeribitSessionNames } from "./auth/session-name-registry.ts";
export { deribitSignature } from "./auth/signature.ts";
export {
	type DeribitCancelOnDisconnectFired,
	type DeribitEndReason,
	DeribitError,
	isDeribitError,
} from "./errors.ts";
export type { facts as DeribitWireFacts } from "./generated/facts.ts";
export type {
	components as DeribitWireSchemas,
	operations as DeribitWireOperations,
	paths as DeribitWirePaths,
} from "./generated/schema.ts";
export { createDeribitHttp, type DeribitHttp } from "./http/http-client.ts";
export {
	type DeribitCreditOptions,
	DeribitCredits,
	type DeribitRateLimit,
} from "./limits/credit-rate-limiter.ts";
export type {
	DeribitArguments,
	DeribitAuthParams,
	DeribitCallOptions,
	DeribitHttpMethod,
	DeribitHttpParams,
	DeribitMethod,
	DeribitParams,
	DeribitQuery,
	DeribitResult,
} from "./method-types.ts";
export {
	checkDeribitSocketOptions,
	type DeribitHttpOptions,
	type DeribitSocketOptions,
	deribitDefaults,
} from "./options.ts";
export type { DeribitUnexpectedMessage } from "./socket/call-user-handlers.ts";
export { connectDeribit } from "./socket/connect.ts";
export type { DeribitCloseResult, DeribitConnection } from "./socket/connection.ts";
export type { DeribitNotification } from "./socket/read-frame.ts";
