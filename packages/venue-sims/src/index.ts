export {
	type BybitDcpState,
	type BybitFault,
	type BybitReceived,
	type BybitSimAccount,
	type BybitSimCategory,
	type BybitSimKey,
	type BybitSimOrder,
	type BybitSimProduct,
	type BybitTruth,
	BybitVenue,
	type BybitVenueOptions,
} from "./bybit.ts";
export { type Certificate, selfSignedCertificate } from "./certificate.ts";
export { type Control, serveControl } from "./control.ts";
export {
	type DeribitFault,
	type DeribitReceived,
	type DeribitTruth,
	DeribitVenue,
	type DeribitVenueOptions,
} from "./deribit.ts";
export {
	type IbkrFault,
	type IbkrOAuthFault,
	type IbkrReceived,
	type IbkrSimClient,
	type IbkrSimConsumer,
	type IbkrSimOrder,
	type IbkrSimUser,
	type IbkrSimUserClient,
	type IbkrTruth,
	IbkrVenue,
	type IbkrVenueOptions,
} from "./ibkr.ts";
export { Link, type LinkConnection, type LinkUpgrade, type NetworkFault } from "./link.ts";
export { memoryFetch } from "./memory-fetch.ts";
export { memoryWebSocket } from "./memory-socket.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
export type { SimFault, SimFaults, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";
