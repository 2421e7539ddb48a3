import { WebSocket } from "ws";

/**
 * The WebSocket of the agent's connection to Deribit, if bots use that connection through the relay. It is the WebSocket of the package ws,
 * which needs less time for a frame than the WebSocket of Node.js. As on the agent's other connections, frames are not compressed.
 */
class VenueSocket extends WebSocket {
	constructor(url: string | URL) {
		super(url, { perMessageDeflate: false });
	}
}

/** The cast is safe: the class has every member of the standard WebSocket that the client uses; only its type declarations differ. */
export const venueSocket = VenueSocket as unknown as typeof globalThis.WebSocket;
