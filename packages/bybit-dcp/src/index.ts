export { isOptionError, OptionError } from "@x/base/errors";
export type { BybitClockSkew } from "./auth/server-clock.ts";
export { type BybitSigner, createBybitSigner } from "./auth/sign.ts";
export type { BybitAccountMode } from "./dcp/account-mode.ts";
export type { BybitDcpInfo } from "./dcp/dcp-info.ts";
export { type BybitDcpTopic, type BybitProduct, bybitProducts, bybitTopicOf, isBybitProduct } from "./dcp/product.ts";
export { BybitError, isBybitError } from "./errors.ts";
export { bybitHosts, bybitUrlsOf } from "./hosts.ts";
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
export type { BybitConnection, BybitSubscribed } from "./socket/connection.ts";
