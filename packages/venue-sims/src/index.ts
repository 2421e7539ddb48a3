export {
	type BybitFault,
	type BybitSimCategory,
	type BybitSimKey,
	type BybitSimOrder,
	type BybitSimProduct,
	type BybitTruth,
	BybitVenue,
	type BybitVenueOptions,
} from "./bybit.ts";
export { selfSignedCertificate } from "./certificate.ts";
export { serveControl } from "./control-server.ts";
export {
	type DeribitFault,
	type DeribitTruth,
	DeribitVenue,
	type DeribitVenueOptions,
} from "./deribit.ts";
export {
	createIbkrSimKeys,
	type IbkrSimKeys,
	type IbkrSimOAuth1,
	type IbkrSimOAuth2,
} from "./ibkr/oauth-keys.ts";
export {
	type IbkrFault,
	type IbkrSimClient,
	type IbkrSimConsumer,
	type IbkrSimOrder,
	type IbkrSimUser,
	type IbkrTruth,
	IbkrVenue,
	type IbkrVenueOptions,
} from "./ibkr.ts";
export { memoryFetch } from "./memory-fetch.ts";
export { memoryWebSocket } from "./memory-socket.ts";
export { Link, type NetworkFault } from "./network-link.ts";
export { type Served, serve } from "./serve-venue.ts";
export { type ServedVenues, serveVenues, type VenueAddress, type VenueAddresses } from "./serve-venues.ts";
export type { SimFaults, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";
