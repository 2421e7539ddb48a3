export { isOptionError, OptionError } from "@x/base/errors";
export type { BybitClockSkew } from "./auth/server-clock.ts";
export { createBybitSigner } from "./auth/signer.ts";
export type { BybitAccountMode } from "./dcp/account-mode.ts";
export type { BybitDcpInfo } from "./dcp/dcp-info.ts";
export { type BybitProduct, bybitProducts, bybitTopicOf, isBybitProduct } from "./dcp/protected-product.ts";
export { BybitError, isBybitError } from "./errors.ts";
export { bybitHosts, bybitUrlsOf } from "./hosts.ts";
export {
	type BybitHttp,
	checkBybitHttpOptions,
	createBybitHttp,
} from "./http/http-client.ts";
export type {
	BybitCallOptions,
	BybitHttpOptions,
	BybitKey,
	BybitSocketOptions,
	BybitUnexpectedMessage,
} from "./options.ts";
export {
	type BybitOrder,
	type BybitOrdersPage,
	type BybitOrdersQuery,
	bybitHistoryListsOf,
	bybitOpenOrderListsOf,
} from "./orders/order-pages.ts";
export { checkBybitSocketOptions, connectBybit } from "./socket/connect.ts";
export type { BybitConnection } from "./socket/connection.ts";
