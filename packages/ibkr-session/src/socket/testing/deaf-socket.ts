/** A WebSocket of a venue that sends nothing but heartbeats, as to a second socket of one session. */
export class DeafSocket extends EventTarget {
	binaryType = "blob";
	readyState = 0;
	readonly #timer: ReturnType<typeof setInterval>;

	constructor() {
		super();
		queueMicrotask(() => {
			this.readyState = 1;
			this.dispatchEvent(new Event("open"));
		});
		this.#timer = setInterval(() => this.say({ topic: "system", hb: Date.now() }), 10_000);
	}

	/** Sends a message to the client. */
	say(message: unknown): void {
		const data = typeof message === "string" ? message : JSON.stringify(message);
		this.dispatchEvent(Object.assign(new Event("message"), { data }));
	}

	send(): void {
		// What is sent is dropped.
	}

	close(): void {
		clearInterval(this.#timer);
		this.readyState = 3;
		this.dispatchEvent(Object.assign(new Event("close"), { code: 1005 }));
	}
}
