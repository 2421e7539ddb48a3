import type { WireReply, WireRequest } from "../venue.ts";

/** One answer that is given in place of the venue's own. */
export interface Forced {
	/** Part of the path; none is every path. */
	path?: string;
	/** An envelope with this code, at status 200 unless `status` says another. */
	retCode?: number;
	retMsg?: string;
	status?: number;
	/** The body as it is, in place of an envelope. */
	body?: string;
	/** How many calls get it. Default 1. */
	times: number;
}

/** What is wrong with the venue at the moment. */
export class ActiveFaults {
	/** Requests of these kinds on the socket get no answer and have no effect, but a ping still counts as one. */
	readonly withheld = { auth: false, subscribe: false, pong: false, reply: false };
	/** The text that an `auth` or `subscribe` is refused with. */
	readonly refused: { auth?: string | undefined; subscribe?: string | undefined } = {};
	/** Set calls answer success and change nothing. */
	ignoreSet = false;
	#forced: Forced[] = [];

	withhold(args: Readonly<Record<string, unknown>>): void {
		for (const kind of ["auth", "subscribe", "pong", "reply"] as const) {
			if (kind in args) this.withheld[kind] = args[kind] === true;
		}
	}

	refuse(args: Readonly<Record<string, unknown>>): void {
		for (const kind of ["auth", "subscribe"] as const) {
			if (kind in args) this.refused[kind] = typeof args[kind] === "string" ? args[kind] : undefined;
		}
	}

	force(args: Readonly<Record<string, unknown>>): void {
		const { path, retCode, retMsg, status, body, times } = args;
		this.#forced.push({
			...(typeof path === "string" ? { path } : {}),
			...(typeof retCode === "number" ? { retCode } : {}),
			...(typeof retMsg === "string" ? { retMsg } : {}),
			...(typeof status === "number" ? { status } : {}),
			...(typeof body === "string" ? { body } : {}),
			times: typeof times === "number" ? times : 1,
		});
	}

	/** The answer forced on this request, if any. */
	take(request: WireRequest, time: number): WireReply | undefined {
		const forced = this.#forced.find(({ path }) => path === undefined || request.url.pathname.includes(path));
		if (!forced) return undefined;
		forced.times -= 1;
		this.#forced = this.#forced.filter(({ times }) => times > 0);
		const envelope = { retCode: forced.retCode ?? 0, retMsg: forced.retMsg ?? "", result: {}, retExtInfo: null, time };
		const isEnvelope = forced.body === undefined && forced.retCode !== undefined;
		const body = forced.body ?? (isEnvelope ? JSON.stringify(envelope) : "");
		const type: Record<string, string> = isEnvelope ? { "content-type": "application/json" } : {};
		return { kind: "reply", status: forced.status ?? 200, headers: type, body };
	}
}
