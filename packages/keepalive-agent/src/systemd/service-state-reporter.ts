import { after, monotonicMs, sleep } from "@x/base/clock";
import { isLedElsewhere, type SessionView, sessionViews } from "../agent/session-view.ts";
import type { Agent } from "../agent/start-agent.ts";
import type { Environment } from "../config/resolve-secrets.ts";
import type { Notifier } from "./notifier.ts";

const checkEveryMs = 1_000;
/** The deadline that systemd sets for the start is extended every `extendEveryMs`, each time by `extendByMs`. */
const extendEveryMs = 10_000;
const extendByMs = 60_000;
/**
 * An event loop that has not run for this many milliseconds counts as blocked. With a watchdog, half of the watchdog's timeout applies if
 * that is shorter.
 */
const deadLoopMs = 5_000;
/** The longest status text for systemd, in characters. It is read by a person, in one line. */
const maxStatusLength = 300;

/**
 * Reports to systemd that the agent is ready, that its event loops run (for the watchdog), and its status in words.
 *
 * The agent is ready when every session has been proved to be armed (at IBKR: to be alive), or need not be waited for: see `hasArrived`. So
 * a unit that systemd starts after this unit does not begin to trade while a session is still being opened.
 *
 * The start can take long, if a venue cannot be reached or a person has to log in. As long as both event loops run, the deadline of the
 * start is extended: a restart would only cost further logins.
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

	/** @param pid - the id of this process. It shows whether the watchdog is meant for this process or for another one. */
	constructor(notifier: Notifier, agent: Agent, { WATCHDOG_USEC, WATCHDOG_PID }: Environment, pid: number) {
		this.#notifier = notifier;
		this.#agent = agent;
		const usec = Number(WATCHDOG_USEC);
		if (usec > 0 && (!WATCHDOG_PID || Number(WATCHDOG_PID) === pid)) this.#watchdogMs = usec / 2_000;
		agent.keeper.onStatus(() => this.#checkSoon());
		void this.#keepChecking();
	}

	/** Tells systemd that the agent stops. Has to be called when the agent begins to stop. */
	stopping(): void {
		this.#isStopping = true;
		void this.#notifier.send({ STOPPING: "1", STATUS: "stopping the sessions" });
	}

	/** Has to be called before the configuration is read again. Resolves once systemd has been told. */
	async reloading(): Promise<void> {
		if (!this.#isReady || this.#isStopping) return;
		// On Linux this is CLOCK_MONOTONIC, the clock by which systemd compares this value.
		const usec = process.hrtime.bigint() / 1_000n;
		await this.#notifier.send({ RELOADING: "1", MONOTONIC_USEC: String(usec) });
	}

	/** Has to be called when the reload has ended, whether it succeeded or not. */
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

	/** Checks after the current turn of the event loop: if many changes come at once, only the last one matters. */
	#checkSoon(): void {
		after(0, () => {
			if (!this.#ended.signal.aborted) this.#check();
		});
	}

	#check(): void {
		const message: Record<string, string> = {};
		const now = monotonicMs();
		const watchdogMs = this.#watchdogMs ?? Number.POSITIVE_INFINITY;
		// `loop` is the event loop of the thread that runs the sessions. The event loop of this thread needs no check, because this code runs
		// in it.
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
 * Whether the agent can report that it is ready without waiting longer for this session. The session is ready, was stopped on request, is
 * led by another machine, or is kept closed by its strategy. Waiting for a strategy could last for ever: its bot sends the first pulse, and
 * systemd may start that bot only after this service.
 */
const hasArrived = ({ ready, status }: SessionView): boolean =>
	ready ||
	isLedElsewhere({ status }) ||
	status.state === "gated" ||
	(status.state === "stopped" && status.why === "asked");

/**
 * Says how many sessions are armed, how many are alive without a protection, and for the other sessions what is wrong or who leads them.
 */
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
