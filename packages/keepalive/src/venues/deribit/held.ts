import type { DeribitConnection } from "@x/deribit-session";
import type { Protection } from "../../session.ts";
import { monotonicMs } from "../../time.ts";
import { RenewalPace } from "./renewal-pace.ts";

/** An instant on both clocks: one never steps, the other does not stop while the machine sleeps. */
class Instant {
	readonly #monotonicMs: number;
	readonly #epochMs: number;

	constructor(epochMs = Date.now()) {
		this.#epochMs = epochMs;
		this.#monotonicMs = monotonicMs() - Math.max(0, Date.now() - epochMs);
	}

	get ageMs(): number {
		return Math.max(monotonicMs() - this.#monotonicMs, Date.now() - this.#epochMs);
	}
}

/** How old a proof may be, in milliseconds. */
interface Limits {
	proofMs: number;
	beatMs: number;
}

/** What one successful `open` left: a connection, the signal of its end, and the last word on its protection. */
export class Held {
	readonly connection: DeribitConnection;
	readonly ended: AbortSignal;
	/** The next beat renews the tokens, however long they live: the venue did not take them. */
	mustRenew = false;
	/** Why the latest renewal failed, when it did. */
	notRenewed: string | undefined;
	/** When they may be renewed again. */
	readonly renewals = new RenewalPace();
	readonly #intervalSeconds: number;
	#protection: Protection;
	#provedAt: Instant | undefined;
	#beatAt: Instant;

	constructor(connection: DeribitConnection, ended: AbortSignal, intervalSeconds: number, protection: Protection) {
		this.connection = connection;
		this.ended = ended;
		this.#intervalSeconds = intervalSeconds;
		this.#protection = protection;
		// The last thing that the venue answered is the question whether it is armed.
		this.#beatAt = provedAt(protection);
		this.#provedAt = this.#beatAt;
	}

	get protection(): Protection {
		return this.#protection;
	}

	/** The venue said this about the switch. */
	proved(protection: Protection): void {
		this.#protection = protection;
		this.#provedAt = provedAt(protection);
		this.renewals.taken();
	}

	/** It did not say. The age of the proof stays what it is, so that it is asked again. */
	unproved(reason: string): void {
		this.#protection = { state: "unknown", reason };
	}

	/** Something happened that asks for a new proof, however young the last one is. */
	doubt(): void {
		this.#provedAt = undefined;
	}

	/** To be called before a proof of life is asked for; the returned function says that it came. */
	beating(): () => void {
		const sentAt = new Instant();
		return () => {
			this.#beatAt = sentAt;
		};
	}

	/** What the program itself changed over the connection since the proof, by the replies heard there. */
	get tampered(): string | undefined {
		if (this.connection.cancelOnDisconnect !== true) {
			return "cancel-on-disconnect was switched over this connection, or somebody authenticated, and it was not read back since";
		}
		// A dead network would be noticed later than the exposure says, or not at all.
		if (this.connection.heartbeatSeconds !== this.#intervalSeconds) return "its heartbeats were changed over it";
		return undefined;
	}

	/** Milliseconds since the venue last said whether it is armed; endless after a doubt. */
	get proofAgeMs(): number {
		return this.#provedAt?.ageMs ?? Number.POSITIVE_INFINITY;
	}

	/** Milliseconds since the last acknowledged proof of life was sent. */
	get beatAgeMs(): number {
		return this.#beatAt.ageMs;
	}

	/** Why it is not proved armed right now; undefined when it is. */
	objection({ proofMs, beatMs }: Limits): string | undefined {
		if (this.ended.aborted) return messageOf(this.ended.reason);
		if (this.#protection.state !== "armed") {
			return "reason" in this.#protection ? this.#protection.reason : "it is not armed";
		}
		if (this.tampered !== undefined) return this.tampered;
		if (this.beatAgeMs >= beatMs) return `the last proof of life is older than ${beatMs} ms`;
		if (!this.#provedAt) return "something went wrong since it was last read back";
		if (this.#provedAt.ageMs > proofMs) return `it was last read back more than ${proofMs} ms ago`;
		return undefined;
	}
}

/** From when it was asked, not from when the answer came. */
function provedAt(protection: Protection): Instant {
	return new Instant(protection.state === "armed" ? protection.verifiedAt : Date.now());
}

/** The words of any error. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : "an unforeseen error";
}
