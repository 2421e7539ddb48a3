import { createHmac } from "node:crypto";
import { after } from "./timers.ts";
import type { SimFaults, SimOrder, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

/** The API key that the simulated venue accepts. */
export interface OkxVenueOptions {
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly passphrase: string;
}

/** A simulated OKX. It has one countdown for the account, which each call restarts, and no other feature. */
export class OkxVenue implements Venue {
	readonly name = "okx";
	readonly faults: SimFaults;
	readonly #options: OkxVenueOptions;
	readonly #orders: SimOrder[] = [];
	/** When the countdown ends, in epoch milliseconds; 0 while no countdown runs. */
	#triggerAt = 0;
	#stopTimer: (() => void) | undefined;
	#ignoresCalls = false;

	constructor(options: OkxVenueOptions) {
		this.#options = options;
		this.faults = {
			/** Places an order and returns its id. */
			place: () => this.#place(),
			/** While `on` is true, calls succeed but change nothing. */
			ignoreCalls: ({ on }) => {
				this.#ignoresCalls = on === true;
			},
			truth: () => ({ triggerAt: this.#triggerAt }),
		};
	}

	http({ method, url, headers, body }: WireRequest): WireReply {
		if (method !== "POST" || url.pathname !== "/api/v5/trade/cancel-all-after") return reply(404, {});
		const { apiKey, apiSecret, passphrase } = this.#options;
		const text = `${headers["ok-access-timestamp"]}POST${url.pathname}${body}`;
		const signature = createHmac("sha256", apiSecret).update(text).digest("base64");
		const isKnown = headers["ok-access-key"] === apiKey && headers["ok-access-passphrase"] === passphrase;
		if (!isKnown || headers["ok-access-sign"] !== signature) return reply(401, refused("50113"));
		// The cast is safe for any JSON: a value that is not a number is refused below.
		const seconds = Number((JSON.parse(body) as { timeOut?: string }).timeOut);
		if (seconds !== 0 && !(seconds >= 10 && seconds <= 120)) return reply(200, refused("51000"));
		if (!this.#ignoresCalls) this.#restart(seconds);
		const triggerTime = String(this.#triggerAt);
		return reply(200, { code: "0", msg: "", data: [{ triggerTime, tag: "", ts: String(Date.now()) }] });
	}

	upgrade(): Upgrade {
		return reply(404, {});
	}

	orders(): readonly SimOrder[] {
		return this.#orders;
	}

	close(): void {
		this.#stopTimer?.();
	}

	#restart(seconds: number): void {
		this.#stopTimer?.();
		this.#stopTimer = undefined;
		this.#triggerAt = seconds === 0 ? 0 : Date.now() + seconds * 1_000;
		if (seconds > 0) this.#stopTimer = after(seconds * 1_000, () => this.#fire());
	}

	#fire(): void {
		this.#triggerAt = 0;
		for (const order of this.#orders.filter(({ state }) => state === "open")) {
			Object.assign(order, { state: "cancelled", cancelReason: "cancel_all_after", cancelledAt: Date.now() });
		}
	}

	#place(): string {
		const id = String(this.#orders.length + 1);
		this.#orders.push({ id, instrument: "BTC-USDT-SWAP", state: "open", placedAt: Date.now() });
		return id;
	}
}

const refused = (code: string): object => ({ code, msg: "refused", data: [] });

function reply(status: number, body: object): WireReply {
	return { kind: "reply", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
