export { isOptionError, OptionError } from "@x/base/errors";
export { createIbkrHttp, type IbkrHttp } from "./client.ts";
export { IbkrError, type IbkrErrorByKind, type IbkrErrorDetails, type IbkrErrorKind, isIbkrError } from "./errors.ts";
export { IbkrHidden } from "./hidden.ts";
export type { IbkrNoBrokerage, IbkrNoSession } from "./http/refusal.ts";
export { createIbkrPacing, type IbkrPacing } from "./limits/pacing.ts";
export {
	createIbkrPenaltyBox,
	type IbkrPenaltyBox,
	ibkrProcessPenaltyBox,
} from "./limits/penalty-box.ts";
export {
	checkIbkrHttpOptions,
	type IbkrAuthorize,
	type IbkrCallOptions,
	type IbkrHttpOptions,
	ibkrDefaults,
} from "./options.ts";
export { createIbkrFetch } from "./own-calls.ts";
export type { IbkrAccountsOutcome } from "./session/accounts.ts";
export type { IbkrBrokerageState, IbkrBrokerageStatus } from "./session/brokerage.ts";
export type { IbkrInitOutcome } from "./session/init.ts";
export type { IbkrLogoutOutcome } from "./session/logout.ts";
export type { IbkrReauthenticateOutcome } from "./session/reauthenticate.ts";
export type { IbkrStatusOutcome } from "./session/status.ts";
export type { IbkrTickleOutcome } from "./session/tickle.ts";
export type { IbkrValidateOutcome } from "./session/validate.ts";
export { connectIbkr } from "./socket/connect.ts";
export type { IbkrConnection } from "./socket/connection.ts";
export type { IbkrSocketStatus, IbkrTicReply } from "./socket/frames.ts";
export {
	checkIbkrSocketOptions,
	type IbkrSocketOptions,
	type IbkrUnexpectedMessage,
} from "./socket/options.ts";
