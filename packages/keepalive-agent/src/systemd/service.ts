import { after, monotonicMs, sleep } from "@x/base/clock";
import type { Agent } from "../agent/agent.ts";
import { isLedElsewhere, type SessionView, sessionViews } from "../agent/session-view.ts";
import type { Environment } from "../config/secrets.ts";
import type { Notifier } from "./notifier.ts";

const checkEveryMs = 1_000;
/** How often the deadline of the start is moved, and by how much. */
const extendEveryMs = 10_000;
const extendByMs = 60_000;
/** A loop that has not turned for this long does not count as working, unless the watchdog allows more. */
const deadLoopMs = 5_000;
/** A status is for a person, in one line. */
const maxStatusLength = 300;

/**
 * The agent as a service of systemd: ready when every session has been ready once, watched, and with a status in words.
 *
 * A start is not over before every session was proved to be armed (at IBKR: alive), so a unit that is ordered after this one never begins
 * to trade unprotected. However long that takes, because a venue is away or a person has to log in, the deadline of the start is moved
 * while both loops turn: ending the agent would only cost logins.
 */
export class SystemdService {
	readonly #notifier: Notifier;
	readonly #agent: Agent;
	/** How often the watchdog expects a message; undefined without a watchdog. */
	readonly #watchdogMs: number | undefined;
	readonly #ended = new AbortController();
	#isReady = false;
	#isStopping = false;
	#status = "";
	#extendedAt = Number.NEGATIVE_INFINITY;
	#watchedAt = Number.NEGATIVE_INFINITY;

	/** @param pid - of this process: the watchdog may be meant for another one. */
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
		// On Linux this is CLOCK_MONOTONIC, which systemd compares it with.
		const usec = process.hrtime.bigint() / 1_000n;
		await this.#notifier.send({ RELOADING: "1", MONOTONIC_USEC: String(usec) });
	}

	/** To be called when that has ended, however it ended. */
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

	/** After this turn: of many changes at once only the last matters. */
	#checkSoon(): void {
		after(0, () => {
			if (!this.#ended.signal.aborted) this.#check();
		});
	}

	#check(): void {
		const message: Record<string, string> = {};
		const now = monotonicMs();
		const watchdogMs = this.#watchdogMs ?? Number.POSITIVE_INFINITY;
		// That this runs shows that the other loop turns.
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
 * Whether a session keeps the start no longer waiting: also one that was stopped on request, one that another machine leads, and one that
 * its strategy keeps closed. That opens when its bot pulses, which may be ordered after this service.
 */
const hasArrived = ({ ready, status }: SessionView): boolean =>
	ready ||
	isLedElsewhere({ status }) ||
	status.state === "gated" ||
	(status.state === "stopped" && status.why === "asked");

/** How many are armed, how many more are alive without a protection, and what is wrong with the others or who leads them. */
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
