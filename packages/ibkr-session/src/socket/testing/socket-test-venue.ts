import {
	type IbkrFault,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	memoryFetch,
	memoryWebSocket,
	type NetworkFault,
} from "@x/venue-sims";
import { createIbkrHttp, type IbkrHidden } from "../../index.ts";

/** A simulated venue that can, in addition, send any message to a socket. */
export class SocketHarness {
	readonly venue: IbkrVenue;
	readonly link: Link<IbkrFault>;
	readonly WebSocket: typeof WebSocket;
	/** Sends any message, even one that the venue would not send, to the socket that connected last. */
	send: (data: string | Uint8Array) => void = () => undefined;

	constructor(options: IbkrVenueOptions = {}) {
		this.venue = new IbkrVenue({ pacing: false, userName: "planted-user", ...options });
		this.link = new Link(this.venue);
		const upgrade = this.link.upgrade.bind(this.link);
		this.link.upgrade = (request) => {
			const accepted = upgrade(request);
			if (accepted.kind !== "accept") return accepted;
			return {
				kind: "accept",
				attach: (wire) => {
					this.send = (data) => wire.send(data);
					return accepted.attach(wire);
				},
			};
		};
		this.WebSocket = memoryWebSocket(this.link);
	}

	pull(fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown {
		return this.link.faults[fault](args);
	}

	/** Sends a tickle and returns its session key. */
	async session(): Promise<IbkrHidden<string>> {
		const tickle = await createIbkrHttp({ fetch: memoryFetch(this.link) }).tickle();
		if (!("session" in tickle) || !tickle.session) {
			throw new Error("the simulated venue's reply to tickle has no session key");
		}
		return tickle.session;
	}

	/** Options with which to connect a socket to this venue. */
	async options(): Promise<{ session: IbkrHidden<string>; WebSocket: typeof WebSocket }> {
		return { session: await this.session(), WebSocket: this.WebSocket };
	}
}
