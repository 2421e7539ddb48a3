import { monotonicMs, sleep } from "@x/base/clock";
import type { Logger } from "@x/keepalive";
import { type Delivery, deliver } from "./channels/send-channel-request.ts";

/** A service that raises an alarm when no ping arrives in time, such as healthchecks.io. */
export interface HealthcheckConfig {
	readonly pingUrl: string;
	/** The interval that is configured at the service, in seconds. Default: 60. */
	readonly intervalSeconds?: number;
	/** The sessions that have to be ready for a ping. Default: all. */
	readonly sessions?: readonly string[];
	/** If true, `<pingUrl>/fail` is pinged while a session is not ready; if false, the pings only stop. Default: false. */
	readonly reportsFailure?: boolean;
}

/** The callbacks of a {@link Healthcheck}, and its logger. */
export interface HealthcheckEvents {
	readonly logger: Logger;
	/** Whether each of these sessions (all sessions if undefined) is ready, or led by another machine. Called right before each ping. */
	isReady(sessions: readonly string[] | undefined): boolean;
	onPing(result: "accepted" | "failed" | "skipped"): void;
}

const defaultIntervalSeconds = 60;
const longestPingMs = 10_000;

/** Pings the URL of a service like healthchecks.io three times per interval while the sessions are ready. */
export class Healthcheck {
	readonly #config: HealthcheckConfig;
	readonly #events: HealthcheckEvents;
	readonly #closed = new AbortController();
	readonly #everyMs: number;
	readonly #running: Promise<void>;
	#notReadyInARow = 0;
	#hasFailed = false;

	constructor(config: HealthcheckConfig, events: HealthcheckEvents) {
		this.#config = config;
		this.#events = events;
		this.#everyMs = ((config.intervalSeconds ?? defaultIntervalSeconds) * 1_000) / 3;
		this.#running = this.#run();
	}

	async close(): Promise<void> {
		this.#closed.abort();
		await this.#running;
	}

	async #run(): Promise<void> {
		const { signal } = this.#closed;
		while (!signal.aborted) {
			const startedAt = monotonicMs();
			await this.#ping();
			await sleep(this.#everyMs - (monotonicMs() - startedAt), signal);
		}
	}

	async #ping(): Promise<void> {
		const { pingUrl, sessions, reportsFailure } = this.#config;
		const isReady = this.#events.isReady(sessions);
		this.#notReadyInARow = isReady ? 0 : this.#notReadyInARow + 1;
		// The first check that finds a session not ready sends no /fail: a reconnect takes a few seconds, and the service would raise an
		// alarm at once.
		if (!isReady && (reportsFailure !== true || this.#notReadyInARow < 2)) {
			this.#events.onPing("skipped");
			return;
		}
		// A ping must not take longer than the time to the next ping: a later arrival would report an outdated state.
		const ms = Math.min(longestPingMs, this.#everyMs);
		const request = { url: isReady ? pingUrl : failUrlOf(pingUrl), headers: {}, isTaken: () => true };
		const delivery = await deliver(request, ms, this.#closed.signal);
		if (this.#closed.signal.aborted) return;
		this.#report(delivery);
	}

	#report(delivery: Delivery): void {
		const isAccepted = delivery.result === "accepted";
		this.#events.onPing(isAccepted ? "accepted" : "failed");
		if (!isAccepted && !this.#hasFailed) this.#events.logger.warn(`healthcheck: the ping failed: ${delivery.why}`);
		this.#hasFailed = !isAccepted;
	}
}

/** The ping URL with `/fail` added to its path. */
function failUrlOf(pingUrl: string): string {
	const url = new URL(pingUrl);
	url.pathname = `${url.pathname.replace(/\/$/, "")}/fail`;
	return url.href;
}
