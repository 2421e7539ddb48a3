export { BybitVenue, type BybitVenueOptions } from "./bybit.ts";
export { type Certificate, selfSignedCertificate } from "./certificate.ts";
export { DeribitVenue, type DeribitVenueOptions } from "./deribit.ts";
export { IbkrVenue, type IbkrVenueOptions } from "./ibkr.ts";
export { Link } from "./link.ts";
export { memoryFetch } from "./memory-fetch.ts";
export { memoryWebSocket } from "./memory-socket.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
export type { Lever, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";
