import { WebSocket } from "ws";

/**
 * The WebSocket of a guarded connection that bots are relayed over: it hands frames on with less work than that of Node.js. Frames are
 * not compressed, as with the keeper's own.
 */
class VenueSocket extends WebSocket {
	constructor(url: string | URL) {
		super(url, { perMessageDeflate: false });
	}
}

/** It has every member of the standard class that the client uses; only the declarations differ. */
export const venueSocket = VenueSocket as unknown as typeof globalThis.WebSocket;
