import type { WireReply, WireRequest } from "../venue.ts";

/** A reply that replaces the regular reply of the simulated venue. */
export interface ForcedReply {
	/** Only requests whose path contains this text get the reply. Default: every path. */
	path?: string;
	/**
	 * The `retCode` of the reply. If set without `body`, the reply is Bybit's usual JSON object, with HTTP status 200 unless `status` is set.
	 */
	retCode?: number;
	retMsg?: string;
	status?: number;
	/** The whole body, sent unchanged instead of Bybit's usual JSON object. */
	body?: string;
	/** How many calls get this reply. Default 1. */
	times: number;
}

interface Refusal {
	readonly text: string;
	times: number;
}

/** The faults of the simulated Bybit that are switched on. */
export class ActiveFaults {
	/**
	 * Which kinds of requests get no answer (true). `reply` means all HTTP calls. An unanswered `auth` or `subscribe` request also has no
	 * effect. An unanswered ping still counts as activity.
	 */
	readonly withheld = { auth: false, subscribe: false, pong: false, reply: false };
	/** Whether every request gets the 403 reply for countries that are not served. */
	isGeoBlocked = false;
	/** The error text for `auth` or `subscribe` requests, and how many more requests get that text. */
	readonly #refused: { auth?: Refusal | undefined; subscribe?: Refusal | undefined } = {};
	/** Whether calls that set the time window of Disconnection Protect succeed without changing anything. */
	ignoreSet = false;
	#forced: ForcedReply[] = [];

	withhold(args: Readonly<Record<string, unknown>>): void {
		for (const kind of ["auth", "subscribe", "pong", "reply"] as const) {
			if (kind in args) this.withheld[kind] = args[kind] === true;
		}
	}

	refuse(args: Readonly<Record<string, unknown>>): void {
		const times = typeof args["times"] === "number" ? args["times"] : Number.POSITIVE_INFINITY;
		for (const kind of ["auth", "subscribe"] as const) {
			if (kind in args) this.#refused[kind] = typeof args[kind] === "string" ? { text: args[kind], times } : undefined;
		}
	}

	/**
	 * Returns the error text that the fault `refuse` has set for requests of this kind; undefined if there is none. Each call of this
	 * function uses up one refusal.
	 */
	takeRefusal(kind: "auth" | "subscribe"): string | undefined {
		const refusal = this.#refused[kind];
		if (!refusal || refusal.times <= 0) return undefined;
		refusal.times -= 1;
		return refusal.text;
	}

	force(args: Readonly<Record<string, unknown>>): void {
		const { path, retCode, retMsg, status, body, times, on } = args;
		if (on === false) {
			this.#forced = [];
			return;
		}
		this.#forced.push({
			...(typeof path === "string" ? { path } : {}),
			...(typeof retCode === "number" ? { retCode } : {}),
			...(typeof retMsg === "string" ? { retMsg } : {}),
			...(typeof status === "number" ? { status } : {}),
			...(typeof body === "string" ? { body } : {}),
			times: typeof times === "number" ? times : 1,
		});
	}

	/**
	 * Returns the reply that the fault `force` has set for this request; undefined if there is none. Each call of this function uses up one
	 * such reply.
	 */
	takeForced(request: WireRequest, time: number): WireReply | undefined {
		const forced = this.#forced.find(({ path }) => path === undefined || request.url.pathname.includes(path));
		if (!forced) return undefined;
		forced.times -= 1;
		this.#forced = this.#forced.filter(({ times }) => times > 0);
		const { retCode = 0, retMsg = "" } = forced;
		// The real venue was seen to send `retExtInfo: null` only with `retCode` 10016. In all other replies, `retExtInfo` is an empty object.
		const envelope = { retCode, retMsg, result: {}, retExtInfo: retCode === 10016 ? null : {}, time };
		const isEnvelope = forced.body === undefined && forced.retCode !== undefined;
		const body = forced.body ?? (isEnvelope ? JSON.stringify(envelope) : "");
		const type: Record<string, string> = isEnvelope ? { "content-type": "application/json" } : {};
		return { kind: "reply", status: forced.status ?? 200, headers: type, body };
	}
}
