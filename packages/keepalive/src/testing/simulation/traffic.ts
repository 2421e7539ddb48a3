import type { Journal } from "./journal.ts";
import type { Seen, Stage } from "./stage.ts";

/** One login, and those whose answer another fault swallowed. */
const mostLoginsAfterRevoke = 5;

/** The new connection and the one that it replaces. */
const mostConnections = 2;

/** What a client may ask of a venue: its pace, silence while it is in a penalty box, few connections and logins. */
export class Traffic {
	readonly #stage: Stage;
	readonly #journal: Journal;
	readonly #lastAt = new Map<string, number>();
	#seen = 0;
	#sent = 0;
	#boxedUntil = Number.NEGATIVE_INFINITY;
	#callsInBox = 0;
	#revokedAt: number | undefined;
	#loginsAfterRevoke = 0;

	constructor(stage: Stage, journal: Journal) {
		this.#stage = stage;
		this.#journal = journal;
	}

	/** The venue answers nothing but a refusal for so long. */
	boxed(forMs: number): void {
		this.#boxedUntil = this.#journal.now() + forMs;
		this.#callsInBox = 0;
	}

	/** The venue took the key away. */
	revoked(): void {
		this.#revokedAt ??= this.#journal.now();
	}

	/** Whether nothing can be expected to go on. */
	get isRevoked(): boolean {
		return this.#revokedAt !== undefined;
	}

	/** Judges what was asked since the last look. */
	check(): void {
		const { seen, sent, link } = this.#stage;
		for (const it of seen.slice(this.#seen)) this.#checkRequest(it);
		this.#seen = seen.length;
		for (const { at, what } of sent.slice(this.#sent)) {
			if (what === "public/auth") this.#checkLogin(this.#journal.since(at));
		}
		this.#sent = sent.length;
		if (link.connections > mostConnections) this.#journal.violate("e-connections", `${link.connections}`);
	}

	#checkRequest({ at: epochMs, kind, path, status }: Seen): void {
		const at = this.#journal.since(epochMs);
		this.#journal.count(kind);
		if (path.endsWith("/tickle")) this.#checkPace("tickle", at, 1_000);
		if (path.endsWith("/sso/validate")) this.#checkPace("validate", at, 60_000);
		const refused = status === 429 || (status === 403 && this.#stage.name === "bybit");
		if (!refused) return;
		this.#journal.tell(`${kind} ${path} answered ${status}`);
		if (at < this.#boxedUntil) {
			this.#journal.count(`${kind}-in-box`);
			// A WebSocket does not tell its user how a handshake was refused: nothing can be learned from it.
			if (kind === "upgrade") return;
			this.#callsInBox += 1;
			// The first call is how a client learns of the box.
			if (this.#callsInBox > 1) {
				this.#journal.violate("e-calls-in-the-box", `${this.#callsInBox} calls, ${path}`);
			}
		} else if (this.#stage.name !== "deribit") {
			this.#journal.violate("e-boxed-by-own-pace", `${path} at ${at}`);
		}
	}

	#checkLogin(at: number): void {
		this.#journal.count("logins");
		if (this.#revokedAt === undefined || at <= this.#revokedAt) return;
		this.#loginsAfterRevoke += 1;
		if (this.#loginsAfterRevoke > mostLoginsAfterRevoke) {
			this.#journal.violate("e-logins-after-13004", `${this.#loginsAfterRevoke}`);
		}
	}

	/** A request that the network swallowed may not have reached the venue; its pace counts all the same. */
	#checkPace(what: string, at: number, gapMs: number): void {
		const before = this.#lastAt.get(what);
		if (before !== undefined && at - before < gapMs) {
			this.#journal.violate(`e-pace-${what}`, `${at - before} ms after the last`);
		}
		this.#lastAt.set(what, at);
	}
}
