import { after, monotonicMs, sleep } from "@x/base/clock";
import type { Agent } from "../agent/agent.ts";
import { isLedElsewhere, type SessionView, sessionViews } from "../agent/session-view.ts";
import type { Environment } from "../config/secrets.ts";
import type { Notifier } from "./notifier.ts";

const checkEveryMs = 1_000;
/** How often the deadline of the start is extended, and by how much. */
const extendEveryMs = 10_000;
const extendByMs = 60_000;
/**
 * An event loop that has not turned for this long counts as blocked; with a watchdog, already after half of its timeout, if that is
 * shorter.
 */
const deadLoopMs = 5_000;
/** The longest status: it is one line, for a person. */
const maxStatusLength = 300;

/**
 * Reports the agent to systemd: that it is ready once every session has been ready, that its event loops turn (for the watchdog), and its
 * status in words.
 *
 * The start is not over before every session was proved to be armed (at IBKR: alive), so a unit that is ordered after this one never begins
 * to trade unprotected. If that takes long, because a venue cannot be reached or a person has to log in, the deadline of the start is
 * extended as long as both event loops turn: ending the agent would only cost logins.
 */
export class SystemdService {
	readonly #notifier: Notifier;
	readonly #agent: Agent;
	/** Half of the watchdog's timeout, in milliseconds; undefined without a watchdog. */
	readonly #watchdogMs: number | undefined;
	readonly #ended = new AbortController();
	#isReady = false;
	#isStopping = false;
	#status = "";
	#extendedAt = Number.NEGATIVE_INFINITY;
	#watchedAt = Number.NEGATIVE_INFINITY;

	/** @param pid - the id of this process: the watchdog may be meant for another process. */
	constructor(notifier: Notifier, agent: Agent, { WATCHDOG_USEC, WATCHDOG_PID }: Environment, pid: number) {
		this.#notifier = notifier;
		this.#agent = agent;
		const usec = Number(WATCHDOG_USEC);
		if (usec > 0 && (!WATCHDOG_PID || Number(WATCHDOG_PID) === pid)) this.#watchdogMs = usec / 2_000;
		agent.keeper.onStatus(() => this.#checkSoon());
		void this.#keepChecking();
	}

	/** To be called when the agent begins to stop. */
	stopping(): void {
		this.#isStopping = true;
		void this.#notifier.send({ STOPPING: "1", STATUS: "stopping the sessions" });
	}

	/** To be called before the configuration is read again. Resolves once systemd knows. */
	async reloading(): Promise<void> {
		if (!this.#isReady || this.#isStopping) return;
		// On Linux this is CLOCK_MONOTONIC, the clock by which systemd compares this value.
		const usec = process.hrtime.bigint() / 1_000n;
		await this.#notifier.send({ RELOADING: "1", MONOTONIC_USEC: String(usec) });
	}

	/** To be called when the reload has ended, whether it succeeded or not. */
	async reloaded(): Promise<void> {
		if (this.#isReady && !this.#isStopping) await this.#notifier.send({ READY: "1" });
	}

	close(): void {
		this.#ended.abort();
	}

	async #keepChecking(): Promise<void> {
		const everyMs = Math.min(checkEveryMs, (this.#watchdogMs ?? Number.POSITIVE_INFINITY) / 2);
		while (!this.#ended.signal.aborted) {
			this.#check();
			await sleep(everyMs, this.#ended.signal);
		}
	}

	/** Checks after this turn of the event loop: of many changes at once only the last matters. */
	#checkSoon(): void {
		after(0, () => {
			if (!this.#ended.signal.aborted) this.#check();
		});
	}

	#check(): void {
		const message: Record<string, string> = {};
		const now = monotonicMs();
		const watchdogMs = this.#watchdogMs ?? Number.POSITIVE_INFINITY;
		// `loop` is that of the sessions. That this code runs shows that the loop of this thread turns.
		const isTurning = this.#agent.loop.ageMs < Math.min(deadLoopMs, watchdogMs);
		if (!this.#isStopping) {
			const views = sessionViews(this.#agent);
			const status = statusOf(views);
			if (status !== this.#status) message["STATUS"] = status;
			this.#status = status;
			if (!this.#isReady && views.every(hasArrived)) {
				this.#isReady = true;
				message["READY"] = "1";
			}
			if (!this.#isReady && isTurning && now - this.#extendedAt >= extendEveryMs) {
				this.#extendedAt = now;
				message["EXTEND_TIMEOUT_USEC"] = String(extendByMs * 1_000);
			}
		}
		if (isTurning && now - this.#watchedAt >= watchdogMs / 2 && this.#watchdogMs !== undefined) {
			this.#watchedAt = now;
			message["WATCHDOG"] = "1";
		}
		if (Object.keys(message).length > 0) void this.#notifier.send(message);
	}
}

/**
 * Whether the start no longer waits for a session: it is ready, was stopped on request, is led by another machine, or is kept closed by its
 * strategy. In the last case it opens when its bot pulses, and the bot may be ordered after this service.
 */
const hasArrived = ({ ready, status }: SessionView): boolean =>
	ready ||
	isLedElsewhere({ status }) ||
	status.state === "gated" ||
	(status.state === "stopped" && status.why === "asked");

/** How many sessions are armed, how many more are alive without a protection, and what is wrong with the others or who leads them. */
function statusOf(views: readonly SessionView[]): string {
	const hasProtection = ({ venue }: SessionView): boolean => venue !== "ibkr";
	const protectedOnes = views.filter(hasProtection);
	const others = views.filter((view) => !hasProtection(view));
	const count = (some: readonly SessionView[], word: string): readonly string[] =>
		some.length > 0 ? [`${some.filter(({ ready }) => ready).length} of ${some.length} ${word}`] : [];
	const problems = views.flatMap(({ name, notReadyReason }) => (notReadyReason ? [`${name}: ${notReadyReason}`] : []));
	const counts = [...count(protectedOnes, "armed"), ...count(others, "alive")].join(", ");
	return [counts, ...problems].join("; ").slice(0, maxStatusLength);
}
