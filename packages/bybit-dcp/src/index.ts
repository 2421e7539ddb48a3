export type { BybitPrivateSocket, Pong, Subscribed } from "./bybit-private-socket.ts";
export { type ClockSkew, timestampMarginMs } from "./clock.ts";
export { checkSocketOptions, connectBybitPrivate } from "./connect.ts";
export type { DcpInfo } from "./dcp-info.ts";
export { BybitError, type BybitErrorDetails, type BybitErrorKind, isBybitError } from "./errors.ts";
export { type BybitHttp, createBybitHttp, type ServerTime, type SetDcp } from "./http.ts";
export type {
	BybitHttpOptions,
	BybitHttpSettings,
	BybitKey,
	BybitSocketOptions,
	BybitSocketSettings,
	StrangeFrame,
	TopicMessage,
} from "./options.ts";
export {
	type BybitOrder,
	type Category,
	historyListsOf,
	type OrdersPage,
	type OrdersQuery,
	openOrderListsOf,
} from "./orders.ts";
export { type DcpTopic, isProduct, type Product, products, topicOf } from "./product.ts";
export { createSigner, type Signer } from "./sign.ts";
