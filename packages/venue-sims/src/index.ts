export { Link } from "./link.ts";
export { memoryFetch } from "./memory-fetch.ts";
export { memoryWebSocket } from "./memory-socket.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
export type { Lever, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";
