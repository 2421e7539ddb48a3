export {
	type BybitDcpState,
	type BybitReceived,
	type BybitSimAccount,
	type BybitSimKey,
	type BybitSimProduct,
	type BybitTruth,
	BybitVenue,
	type BybitVenueOptions,
} from "./bybit.ts";
export { type Certificate, selfSignedCertificate } from "./certificate.ts";
export { type Control, serveControl } from "./control.ts";
export { type DeribitReceived, type DeribitTruth, DeribitVenue, type DeribitVenueOptions } from "./deribit.ts";
export {
	type IbkrReceived,
	type IbkrSimClient,
	type IbkrSimConsumer,
	type IbkrSimUser,
	type IbkrSimUserClient,
	type IbkrTruth,
	IbkrVenue,
	type IbkrVenueOptions,
} from "./ibkr.ts";
export { Link, type LinkConnection, type LinkUpgrade } from "./link.ts";
export { memoryFetch } from "./memory-fetch.ts";
export { memoryWebSocket } from "./memory-socket.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
export type { SimFault, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";
