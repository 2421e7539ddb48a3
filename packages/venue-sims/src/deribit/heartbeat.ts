import { after } from "../time.ts";
import type { Settings } from "./options.ts";

/** What a heartbeat needs of its connection. */
interface Probed {
	/** Milliseconds since something was sent to the client. */
	quietMs(): number;
	probe(type: "heartbeat" | "test_request"): void;
	fail(): void;
}

/**
 * The probes of one connection: a `test_request` after silence of the client, and the end when it is not answered.
 * A `heartbeat` goes beside it when nothing was sent to the client for an interval.
 */
export class Heartbeat {
	readonly #settings: Settings;
	readonly #probed: Probed;
	#intervalSeconds: number | undefined;
	#factor = 0;
	#cancelProbe: (() => void) | undefined;
	#cancelGrace: (() => void) | undefined;

	constructor(settings: Settings, probed: Probed) {
		this.#settings = settings;
		this.#probed = probed;
	}

	get intervalSeconds(): number | undefined {
		return this.#intervalSeconds;
	}

	start(intervalSeconds: number): void {
		this.stop();
		this.#intervalSeconds = intervalSeconds;
		this.#factor = this.#settings.firstProbeFactor;
		this.#schedule();
	}

	stop(): void {
		this.#cancelProbe?.();
		this.#cancelGrace?.();
		this.#cancelGrace = undefined;
		this.#intervalSeconds = undefined;
	}

	/** A frame of the client. `answers` says whether it counts as an answer. */
	heard(answers: boolean): void {
		if (this.#intervalSeconds === undefined || (this.#cancelGrace && !answers)) return;
		this.#cancelGrace?.();
		this.#cancelGrace = undefined;
		this.#schedule();
	}

	get #intervalMs(): number {
		return (this.#intervalSeconds ?? 0) * this.#settings.heartbeatSecondMs;
	}

	#schedule(): void {
		this.#cancelProbe?.();
		this.#cancelProbe = after(Math.round(this.#intervalMs * this.#factor), () => this.#probe());
	}

	#probe(): void {
		this.#factor = this.#settings.laterProbeFactor;
		const { heartbeatFrame } = this.#settings;
		const quiet = heartbeatFrame === "quiet" && this.#probed.quietMs() >= this.#intervalMs;
		this.#cancelGrace = after(this.#settings.graceMs ?? this.#intervalMs, () => {
			this.stop();
			this.#probed.fail();
		});
		if (quiet || heartbeatFrame === "always") this.#probed.probe("heartbeat");
		this.#probed.probe("test_request");
	}
}
