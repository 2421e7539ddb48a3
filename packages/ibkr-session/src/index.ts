export { isOptionError, OptionError } from "@x/base/errors";
export { createIbkrHttp, type IbkrHttp } from "./client.ts";
export { IbkrError, isIbkrError } from "./errors.ts";
export { IbkrHidden } from "./hidden-value.ts";
export type { IbkrNoBrokerage, IbkrNoSession } from "./http/no-session-replies.ts";
export { createIbkrFetch } from "./ibkr-fetch.ts";
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
export type { IbkrBrokerageStatus } from "./session/brokerage-status.ts";
export type { IbkrOutcomes } from "./session/call-outcomes.ts";
export { connectIbkr } from "./socket/connect.ts";
export type { IbkrConnection } from "./socket/connection.ts";
export type { IbkrSocketStatus, IbkrTicReply } from "./socket/frames.ts";
export {
	checkIbkrSocketOptions,
	type IbkrSocketOptions,
	type IbkrUnexpectedMessage,
} from "./socket/options.ts";
