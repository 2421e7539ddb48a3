import type { WireReply, WireRequest } from "../venue.ts";
import type { IbkrSettings } from "./options.ts";
import { empty, html } from "./replies.ts";

/** Calls within milliseconds, by path below the base. */
const limits: readonly (readonly [path: RegExp, calls: number, withinMs: number])[] = [
	[/^\/tickle$/, 1, 1_000],
	[/^\/sso\/validate$/, 1, 60_000],
	[/^\/iserver\/account\/orders$/, 1, 5_000],
	[/^\/portfolio\/accounts$/, 1, 5_000],
];

/** What stands before the session: header rules, pacing, and the penalty box of a source address. */
export class IbkrEdge {
	readonly #settings: IbkrSettings;
	readonly #boxed = new Map<string, number>();
	readonly #calls = new Map<string, number[]>();

	constructor(settings: IbkrSettings) {
		this.#settings = settings;
	}

	/** The refusal of a request, or undefined when it may pass. */
	refusal(request: WireRequest, path: string): WireReply | undefined {
		const { headers, method, remoteAddress } = request;
		if (this.boxedUntil(remoteAddress) !== undefined) return empty(429);
		if (!headers["user-agent"]) return html(403, "Access Denied");
		if (method === "POST" && headers["content-length"] === undefined) return html(411, "Length Required");
		if (this.#settings.pacing && this.#tooMany(path)) {
			this.box(remoteAddress, this.#settings.penaltyMs);
			return empty(429);
		}
		return undefined;
	}

	box(address: string, forMs: number): number {
		const until = Date.now() + forMs;
		this.#boxed.set(address, until);
		return until;
	}

	boxedUntil(address: string): number | undefined {
		const until = this.#boxed.get(address);
		return until !== undefined && until > Date.now() ? until : undefined;
	}

	#tooMany(path: string): boolean {
		const perSecond = this.#settings.mode === "gateway" ? 10 : 50;
		const own = limits.filter(([pattern]) => pattern.test(path));
		// Every limit counts the call, even when another one refuses it.
		const over = [
			...own.map(([, calls, withinMs]) => this.#count(path, calls, withinMs)),
			this.#count("*", perSecond, 1_000),
		];
		return over.includes(true);
	}

	#count(key: string, calls: number, withinMs: number): boolean {
		const now = Date.now();
		const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - withinMs);
		recent.push(now);
		this.#calls.set(key, recent);
		return recent.length > calls;
	}
}
