import { createHmac } from "node:crypto";
import { after } from "./time.ts";
import type { SimFault, SimOrder, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export interface OkxVenueOptions {
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly passphrase: string;
}

/** Simulates only OKX's countdown: one for the account, restarted by each call. */
export class OkxVenue implements Venue {
	readonly name = "okx";
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #options: OkxVenueOptions;
	readonly #orders: SimOrder[] = [];
	#triggerAt = 0;
	#stop: (() => void) | undefined;
	#lies = false;

	constructor(options: OkxVenueOptions) {
		this.#options = options;
		this.faults = {
			place: () => this.#place(),
			/** From now on, calls succeed but start no countdown. */
			lie: () => {
				this.#lies = true;
			},
			truth: () => ({ triggerAt: this.#triggerAt }),
		};
	}

	http({ method, url, headers, body }: WireRequest): WireReply {
		if (method !== "POST" || url.pathname !== "/api/v5/trade/cancel-all-after") return reply(404, {});
		const { apiKey, apiSecret, passphrase } = this.#options;
		const text = `${headers["ok-access-timestamp"]}POST${url.pathname}${body}`;
		const right = createHmac("sha256", apiSecret).update(text).digest("base64");
		const known = headers["ok-access-key"] === apiKey && headers["ok-access-passphrase"] === passphrase;
		if (!known || headers["ok-access-sign"] !== right) return reply(401, refused("50113"));
		const seconds = Number((JSON.parse(body) as { timeOut?: string }).timeOut);
		if (seconds !== 0 && !(seconds >= 10 && seconds <= 120)) return reply(200, refused("51000"));
		if (!this.#lies) this.#start(seconds);
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
		this.#stop?.();
	}

	#start(seconds: number): void {
		this.#stop?.();
		this.#stop = undefined;
		this.#triggerAt = seconds === 0 ? 0 : Date.now() + seconds * 1_000;
		if (seconds > 0) this.#stop = after(seconds * 1_000, () => this.#fire());
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
