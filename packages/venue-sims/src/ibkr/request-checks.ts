import type { WireReply, WireRequest } from "../venue.ts";
import { empty, html } from "./build-replies.ts";
import type { IbkrSettings } from "./options.ts";

/** Rate limits by path: how many calls are allowed within how many milliseconds. */
const limits: readonly (readonly [path: RegExp, calls: number, withinMs: number])[] = [
	[/^\/tickle$/, 1, 1_000],
	[/^\/sso\/validate$/, 1, 60_000],
	[/^\/iserver\/account\/orders$/, 1, 5_000],
	[/^\/portfolio\/accounts$/, 1, 5_000],
];

/**
 * The checks that a request has to pass before it reaches the session: required headers, rate limits and the penalty box (a temporary block
 * of an IP address).
 */
export class IbkrEdge {
	readonly #settings: IbkrSettings;
	readonly #penalizedUntil = new Map<string, number>();
	readonly #calls = new Map<string, number[]>();

	constructor(settings: IbkrSettings) {
		this.#settings = settings;
	}

	/** The error reply to a request, or undefined if the request passes all checks. */
	refusal(request: WireRequest, path: string): WireReply | undefined {
		const { headers, method, remoteAddress } = request;
		if (this.penalizedUntil(remoteAddress) !== undefined) return empty(429);
		if (!headers["user-agent"]) return html(403, "Access Denied");
		if (method === "POST" && headers["content-length"] === undefined) return html(411, "Length Required");
		if (this.#settings.pacing && this.#exceedsLimit(path)) {
			this.penalize(remoteAddress, this.#settings.penaltyMs);
			return empty(429);
		}
		return undefined;
	}

	/** Puts an IP address into the penalty box: all its requests get 429 until the returned time, which is in epoch milliseconds. */
	penalize(address: string, forMs: number): number {
		const until = Date.now() + forMs;
		this.#penalizedUntil.set(address, until);
		return until;
	}

	penalizedUntil(address: string): number | undefined {
		const until = this.#penalizedUntil.get(address);
		return until !== undefined && until > Date.now() ? until : undefined;
	}

	#exceedsLimit(path: string): boolean {
		const perSecond = this.#settings.mode === "gateway" ? 10 : 50;
		const pathLimits = limits.filter(([pattern]) => pattern.test(path));
		// Every rate limit counts every call, even a call that another limit refuses.
		const exceeded = [
			...pathLimits.map(([, calls, withinMs]) => this.#countAndCheck(path, calls, withinMs)),
			this.#countAndCheck("*", perSecond, 1_000),
		];
		return exceeded.includes(true);
	}

	#countAndCheck(key: string, calls: number, withinMs: number): boolean {
		const now = Date.now();
		const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - withinMs);
		recent.push(now);
		this.#calls.set(key, recent);
		return recent.length > calls;
	}
}
