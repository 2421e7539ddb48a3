import { type Link, memoryWebSocket } from "@x/venue-sims";

/** The state of the network between a session and its simulated venue. */
export interface Line {
	/** Milliseconds that each frame and each handshake takes, in each direction. */
	delayMs: number;
	/**
	 * The direction in which the network is silent: its frames wait until this field is undefined again and are then delivered, in the way
	 * that TCP resends data after an outage.
	 */
	silent: "both" | "in" | "out" | undefined;
	/** How many of the next pongs are lost. */
	lostPongs: number;
	/** How many connections have been opened. */
	readonly connections: number;
}

/**
 * Returns a WebSocket class over a simulated network. `line` controls how its frames are delayed or held back; their order does not
 * change.
 */
export function lineTo(link: Link): { readonly line: Line; readonly WebSocket: typeof WebSocket } {
	const line = { delayMs: 0, silent: undefined as Line["silent"], lostPongs: 0, connections: 0 };
	/** Handles the frames of one direction of one connection; each frame waits for the previous one. */
	const direction = (name: "in" | "out") => {
		let last = Promise.resolve();
		return (arrive: () => void): void => {
			const { delayMs } = line;
			const before = last;
			last = (async () => {
				await new Promise((resolve) => setTimeout(resolve, delayMs));
				await before;
				while (line.silent === name || line.silent === "both") await new Promise((resolve) => setTimeout(resolve, 100));
				arrive();
			})();
		};
	};
	const Base = memoryWebSocket(link);
	class Slow extends Base {
		readonly #out = direction("out");
		readonly #in = direction("in");
		readonly #pings = new Set<number>();

		constructor(url: string | URL) {
			super(url);
			line.connections += 1;
		}

		override send(data: string): void {
			const { id, method } = JSON.parse(data) as { id: number; method: string };
			if (method === "public/test") this.#pings.add(id);
			this.#out(() => {
				if (this.readyState === Base.OPEN) super.send(data);
			});
		}

		override dispatchEvent(event: Event): boolean {
			if (event.type !== "message" && event.type !== "open") return super.dispatchEvent(event);
			if (event instanceof MessageEvent && line.lostPongs > 0) {
				const { id } = JSON.parse(event.data) as { id?: number };
				if (id !== undefined && this.#pings.delete(id)) {
					line.lostPongs -= 1;
					return true;
				}
			}
			this.#in(() => super.dispatchEvent(event));
			return true;
		}
	}
	return { line, WebSocket: Slow };
}
