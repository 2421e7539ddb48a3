import { after } from "../timers.ts";
import type { DeribitSettings } from "./options.ts";

/** The members of a connection that its heartbeat uses. */
interface HeartbeatTarget {
	/** Milliseconds since the last frame to the client. */
	sentAgoMs(): number;
	probe(type: "heartbeat" | "test_request"): void;
	/** Called when the client did not answer a `test_request` in time. */
	onTimeout(): void;
}

/**
 * The heartbeat of one connection. Sends a `test_request` when the client was silent for about an interval, and calls
 * `onTimeout` if the client does not answer. Also sends a `heartbeat` frame when nothing was sent to the client for an
 * interval.
 */
export class Heartbeat {
	readonly #settings: DeribitSettings;
	readonly #target: HeartbeatTarget;
	#intervalSeconds: number | undefined;
	#factor = 0;
	#cancelProbe: (() => void) | undefined;
	#cancelGrace: (() => void) | undefined;

	constructor(settings: DeribitSettings, target: HeartbeatTarget) {
		this.#settings = settings;
		this.#target = target;
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

	/**
	 * To be called when a frame arrived.
	 *
	 * @param answersProbe - whether the frame answers a `test_request`.
	 */
	onFrame(answersProbe: boolean): void {
		if (this.#intervalSeconds === undefined || (this.#cancelGrace && !answersProbe)) return;
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
		const isQuiet = heartbeatFrame === "quiet" && this.#target.sentAgoMs() >= this.#intervalMs;
		this.#cancelGrace = after(this.#settings.graceMs ?? this.#intervalMs, () => {
			this.stop();
			this.#target.onTimeout();
		});
		if (isQuiet || heartbeatFrame === "always") this.#target.probe("heartbeat");
		this.#target.probe("test_request");
	}
}
