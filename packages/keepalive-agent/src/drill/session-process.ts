import { type ChildProcess, fork } from "node:child_process";
import { sleep, withDeadline } from "@x/base/clock";
import type { Closed, OrdersOnClose } from "@x/keepalive";
import { drillSessionUrl } from "../read-own-package-files.ts";
import { DrillError } from "./drill-error.ts";
import type { GuardedCall } from "./drill-venue-interface.ts";
import type { FromSession, SessionNow, ToSession } from "./session-process-messages.ts";

/** Deadline for placing one order over the session's own connection. */
const placeMs = 15_000;
/** Deadline for the end of a process that was killed. Such a process ends at once. */
const endMs = 5_000;

/** The session under test, in a process of its own that can be killed. */
export class SessionProcess {
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;
	readonly #stopPulses = new AbortController();
	#hasEnded = false;
	/** What the session was doing according to its last message. */
	now: SessionNow | undefined;
	/** When the last pulse (health signal) was sent, in epoch milliseconds. */
	lastPulseAt: number | undefined;

	/** Starts the process, and the session in it. If a tolerance is given, pulses (health signals) are sent from the start on. */
	constructor(start: Omit<Extract<ToSession, { type: "start" }>, "type">) {
		// The configuration, with its secrets, is sent over the IPC channel, because everybody can see the arguments of a process.
		this.#child = fork(drillSessionUrl, { stdio: ["ignore", "ignore", "ignore", "ipc"], serialization: "advanced" });
		this.#ended = new Promise((resolve) => {
			this.#child.once("exit", () => {
				this.#hasEnded = true;
				resolve();
			});
			this.#child.once("error", () => resolve());
		});
		this.#child.on("message", (message: FromSession) => {
			if (message.type === "now") this.now = message.now;
		});
		this.#send({ type: "start", ...start });
		if (start.toleranceMs !== undefined) void this.#pulse(start.toleranceMs / 4);
	}

	get hasEnded(): boolean {
		return this.#hasEnded;
	}

	/**
	 * Makes a call over the session's own connection.
	 *
	 * @throws DrillError when the call was refused, or when no answer came in time. In the second case the call may have been made.
	 */
	async place(call: GuardedCall, signal: AbortSignal): Promise<unknown> {
		const answer = this.#answer("an order over the session's connection", placeMs, signal, (message) =>
			message.type === "placed" || message.type === "not-placed" ? message : undefined,
		);
		this.#send({ type: "place", call });
		const message = await answer;
		if (message.type === "placed") return message.result;
		throw new DrillError(message.message);
	}

	/**
	 * Closes the session with a close frame.
	 *
	 * @returns what the close means for the orders: whether they stay open.
	 */
	async close(orders: OrdersOnClose, timeoutMs: number, signal: AbortSignal): Promise<Closed | undefined> {
		const answer = this.#answer("the close of the session", timeoutMs, signal, (message) =>
			message.type === "closed" ? message : undefined,
		);
		this.#send({ type: "close", orders });
		return (await answer).closed;
	}

	/** Ends the process at once; the kernel closes its connection. */
	kill(): void {
		this.#child.kill("SIGKILL");
	}

	/** Stops the process from doing anything; its connection stays open. */
	freeze(): void {
		this.#child.kill("SIGSTOP");
	}

	/** Sends no more pulses (health signals), as if the strategy were dead. */
	stopPulses(): void {
		this.#stopPulses.abort();
	}

	/** Ends the process, even if it is frozen. */
	async end(): Promise<void> {
		this.stopPulses();
		if (this.#hasEnded || this.#child.pid === undefined) return;
		this.kill();
		await withDeadline({ ms: endMs, onTimeout: () => undefined }, () => this.#ended).catch(() => undefined);
	}

	async #pulse(everyMs: number): Promise<void> {
		const { signal } = this.#stopPulses;
		while (!signal.aborted) {
			this.lastPulseAt = Date.now();
			this.#send({ type: "pulse" });
			await sleep(everyMs, signal);
		}
	}

	async #answer<T>(
		what: string,
		ms: number,
		signal: AbortSignal,
		read: (message: FromSession) => T | undefined,
	): Promise<T> {
		let listener: ((message: FromSession) => void) | undefined;
		try {
			return await withDeadline(
				{ ms, signal, onTimeout: () => new DrillError(`${what} had no answer within ${ms / 1_000} s`) },
				() =>
					new Promise<T>((resolve, reject) => {
						listener = (message) => {
							const found = read(message);
							if (found !== undefined) resolve(found);
						};
						this.#child.on("message", listener);
						void this.#ended.then(() =>
							reject(new DrillError(`${what} had no answer: the process of the session has ended`)),
						);
					}),
			);
		} finally {
			if (listener) this.#child.off("message", listener);
		}
	}

	#send(message: ToSession): void {
		if (!this.#child.connected) return;
		// The callback ignores the error of a process that has ended, because the process's exit is noticed anyway.
		this.#child.send(message, () => undefined);
	}
}
