export { type ClockSkew, timestampMarginMs } from "./auth/clock.ts";
export { createSigner, type Signer } from "./auth/sign.ts";
export type { DcpInfo } from "./dcp/dcp-info.ts";
export { type DcpTopic, isProduct, type Product, products, topicOf } from "./dcp/product.ts";
export { BybitError, type BybitErrorDetails, type BybitErrorKind, isBybitError } from "./errors.ts";
export { type BybitHttp, createBybitHttp, type ServerTime, type SetDcp } from "./http/http.ts";
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
} from "./orders/orders.ts";
export { checkSocketOptions, connectBybitPrivate } from "./socket/connect.ts";
export type { BybitPrivateSocket, Pong, Subscribed } from "./socket/private-socket.ts";
