export { isOptionError, OptionError } from "@x/base/errors";
export { type BybitClockSkew, bybitTimestampMarginMs } from "./auth/server-clock.ts";
export { type BybitSigner, createBybitSigner } from "./auth/sign.ts";
export type { BybitDcpInfo } from "./dcp/dcp-info.ts";
export { type BybitDcpTopic, type BybitProduct, bybitProducts, bybitTopicOf, isBybitProduct } from "./dcp/product.ts";
export {
	BybitError,
	type BybitErrorByKind,
	type BybitErrorDetails,
	type BybitErrorKind,
	type BybitErrorMembers,
	isBybitError,
} from "./errors.ts";
export type { components as BybitWireSchemas } from "./generated/schema.ts";
export {
	type BybitHttp,
	type BybitServerTime,
	type BybitSetDcp,
	checkBybitHttpOptions,
	createBybitHttp,
} from "./http/http.ts";
export type {
	BybitCallOptions,
	BybitClientOptions,
	BybitHttpOptions,
	BybitHttpSettings,
	BybitKey,
	BybitSocketOptions,
	BybitSocketSettings,
	BybitTopicMessage,
	BybitUnexpectedMessage,
} from "./options.ts";
export {
	type BybitCategory,
	type BybitOrder,
	type BybitOrdersPage,
	type BybitOrdersQuery,
	bybitHistoryListsOf,
	bybitOpenOrderListsOf,
} from "./orders/orders.ts";
export { checkBybitSocketOptions, connectBybit } from "./socket/connect.ts";
export type { BybitConnection, BybitPong, BybitSubscribed } from "./socket/connection.ts";
