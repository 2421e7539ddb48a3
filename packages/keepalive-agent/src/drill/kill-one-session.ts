import { randomBytes } from "node:crypto";
import { after, sleep, withDeadline } from "@x/base/clock";
import type { Config, SessionConfig } from "../config/config.ts";
import { secondsText } from "../text/duration-text.ts";
import { callInTime, callMs, cleanUp, cleanupText } from "./cancel-drill-order.ts";
import { DrillError, explain } from "./drill-error.ts";
import type { DrillRecord, Measured, Verdict } from "./drill-record.ts";
import type { ClockLook, DrillVenue, OrderPlan, OrderSeen, PlacedOrder } from "./drill-venue-interface.ts";
import { judgeCancel, judgeControl, judgeSurvival } from "./judge-order.ts";
import type { Kill } from "./kill-kinds.ts";
import { fingerprintOf, toleranceOf } from "./session-fingerprint.ts";
import { SessionProcess } from "./session-process.ts";
import type { SessionNow } from "./session-process-messages.ts";

/** The default of the keeper's option `openTimeoutMs`. */
const openMs = 180_000;
/** The shortest control period, in milliseconds: before the kill, the order has to stay in the book for at least this long. */
const shortestControlMs = 10_000;
/** The drill waits for the cancel at least this many milliseconds longer than the stated exposure. */
const shortestWaitMs = 5_000;
/** Deadline for a takeover at IBKR, which sends an init and loads the account data. */
const takeOverMs = 60_000;
/** If the session's beat is late just before the kill, the drill waits at most this many milliseconds until the session is ready again. */
const lateMs = 5_000;

/** The settings that all kills of one drill share. */
export interface DrillContext {
	readonly config: Config;
	readonly session: string;
	readonly sessionConfig: SessionConfig;
	readonly venue: DrillVenue;
	readonly plan: OrderPlan;
	readonly isProduction: boolean;
	/** How long the order has to stay in the book before the kill; by default twice the stated exposure. */
	readonly controlMs: number | undefined;
	/** Aborts when the user interrupts the drill. */
	readonly signal: AbortSignal;
	onStep(step: string): void;
}

/** The members of the drill's record that are found out while the drill runs. */
type Found = { -readonly [Name in keyof DrillRecord]?: DrillRecord[Name] };

/**
 * Runs the session in a process of its own, places an order, kills the session, and returns what the venue did with the order. Cleans up in
 * any case.
 */
export async function runKill(kill: Kill, context: DrillContext): Promise<DrillRecord> {
	const { venue, session, sessionConfig, config, onStep } = context;
	const toleranceMs = toleranceOf(config.strategies, session);
	const process = new SessionProcess({ name: session, config: sessionConfig, keeper: config.keeper, toleranceMs });
	const attempt = new Attempt(kill, context, process);
	const { label, found, notes } = attempt;
	let result: Verdict;
	try {
		result = await attempt.run();
	} catch (error) {
		result = inconclusive(context.signal.aborted ? "interrupted" : explain(error));
	}
	// The session is ended before the cleanup, so that it places no order after the cleanup.
	await process.end();
	const cleanup = attempt.mayBePlaced ? await cleanUp(context, label, attempt.order, process.now) : "not-needed";
	if (cleanup !== "not-needed") onStep(cleanupText(cleanup, label));
	return {
		type: "drill",
		version: 1,
		at: Date.now(),
		session,
		venue: sessionConfig.venue,
		host: venue.hosts.join(" "),
		isProduction: context.isProduction,
		kill,
		fingerprint: fingerprintOf(config, session),
		expects: venue.expectedReason === undefined ? "survival" : "cancel",
		...found,
		result,
		label,
		cleanup,
		notes,
	};
}

/** One attempt to prove what the venue does when one session dies in one way. */
class Attempt {
	/** The label of the order at the venue. */
	readonly label: string;
	readonly found: Found = {};
	readonly notes: string[] = [];
	/** True once the drill has begun to place the order. The order may be open from then on, even if no answer came. */
	mayBePlaced = false;
	order: PlacedOrder | undefined;
	readonly #kill: Kill;
	readonly #context: DrillContext;
	readonly #process: SessionProcess;

	constructor(kill: Kill, context: DrillContext, process: SessionProcess) {
		this.#kill = kill;
		this.#context = context;
		this.#process = process;
		this.label = `drill-${kill}-${randomBytes(8).toString("hex")}`;
	}

	async run(): Promise<Verdict> {
		const { venue, plan, signal } = this.#context;
		this.#step("arm and read back");
		const blocked = await this.#untilReady();
		if (blocked) return blocked;
		this.#step(`place ${plan.instrument} ${plan.amount} at ${plan.price}, ${this.label}`);
		this.mayBePlaced = true;
		const guarded = this.#process.place.bind(this.#process);
		const order = await this.#call((deadline) =>
			venue.place(plan, this.label, (call) => guarded(call, deadline), deadline),
		);
		this.order = order;
		const statedMs = this.#statedMs();
		const early = await this.#control(order, statedMs);
		if (early) return early;
		const clock = await this.#call((deadline) => venue.clock(deadline));
		this.found.clockAheadMs = Math.round(clock.clockAheadMs);
		this.found.roundTripMs = Math.round(clock.roundTripMs);
		await this.#untilReady(lateMs);
		if (!this.#now().isReady) return inconclusive(`the session was not armed before the kill: ${this.#now().reason}`);
		signal.throwIfAborted();
		return this.#dieAndWatch(order, statedMs, clock);
	}

	/**
	 * Waits until the session is armed.
	 *
	 * @returns a verdict if the session cannot be armed.
	 */
	async #untilReady(ms = this.#context.config.keeper.openTimeoutMs ?? openMs): Promise<Verdict | undefined> {
		const { signal } = this.#context;
		let isLate = false;
		const stop = after(ms, () => {
			isLate = true;
		});
		try {
			while (!this.#process.now?.isReady) {
				signal.throwIfAborted();
				const { now } = this.#process;
				const why = `the session was not armed: ${now?.reason ?? "its process has not reported its status"}`;
				if (this.#process.hasEnded || now?.hasEnded || now?.todo !== undefined || isLate) {
					return inconclusive(why, now?.todo);
				}
				await sleep(20, signal);
			}
			return undefined;
		} finally {
			stop();
		}
	}

	/** How long orders stay in the book after this kind of death, as the session states it; undefined if the venue never cancels. */
	#statedMs(): number | undefined {
		const { exposure, hangMs } = this.#now();
		if (this.#context.venue.expectedReason === undefined) return undefined;
		switch (this.#kill) {
			case "close":
			case "kill":
				return exposure?.processDeathMs;
			case "freeze":
				return exposure?.networkDeathMs;
			case "gate":
				return hangMs;
		}
	}

	/** Watches the order for some time before the kill (the control period). @returns a verdict if the order does not stay open. */
	async #control(order: PlacedOrder, statedMs: number | undefined): Promise<Verdict | undefined> {
		const { venue, controlMs = Math.max(2 * (statedMs ?? 0), shortestControlMs), signal } = this.#context;
		this.#step(`control period of ${secondsText(controlMs)}: the order has to stay open`);
		const { losses } = this.#now();
		const startedAt = performance.now();
		for (;;) {
			signal.throwIfAborted();
			const seen = await this.#call((deadline) => venue.look(order, deadline));
			const early = judgeControl(seen, venue.expectedReason);
			this.found.controlMs = Math.round(performance.now() - startedAt);
			if (early) return early;
			const now = this.#now();
			if (this.#process.hasEnded) return inconclusive("the process of the session ended in the control period");
			if (now.losses !== losses) return inconclusive("the session was lost in the control period");
			const leftMs = controlMs - (performance.now() - startedAt);
			if (leftMs <= 0) return undefined;
			await sleep(Math.min(venue.pollMs, leftMs), signal);
		}
	}

	async #dieAndWatch(order: PlacedOrder, statedMs: number | undefined, clock: ClockLook): Promise<Verdict> {
		const { venue, controlMs } = this.#context;
		const { lastBeatAt } = this.#now();
		this.#step(`kill: ${killTexts[this.#kill]}`);
		const diedAt = this.#die();
		this.found.at = diedAt;
		if (venue.expectedReason === undefined) {
			const waitMs = 2 * (controlMs ?? 3 * shortestControlMs);
			const verdict = judgeSurvival(await this.#watch(order, waitMs));
			if (verdict.verdict !== "proved" || !venue.takeOver) return verdict;
			this.#step("another login takes over");
			this.notes.push(await withDeadline(takeOverDeadline(this.#context.signal), venue.takeOver.bind(venue)));
			return judgeSurvival(await this.#watch(order, 0));
		}
		if (statedMs === undefined) return inconclusive("the session states no exposure for this death");
		const allowanceMs = venue.venueTimeMs + Math.ceil(clock.roundTripMs / 2);
		const waitMs = Math.max(2 * statedMs, statedMs + shortestWaitMs) + allowanceMs;
		this.found.statedMs = statedMs;
		this.found.allowanceMs = allowanceMs;
		const seen = await this.#watch(order, waitMs);
		const outcome = { seen, diedAt, lastBeatAt, clockAheadMs: clock.clockAheadMs, statedMs, allowanceMs };
		const { result, measured } = judgeCancel({
			...outcome,
			waitedMs: waitMs,
			expectedReason: venue.expectedReason,
		});
		if (measured) this.found.measured = measured satisfies Measured;
		return result;
	}

	/**
	 * Kills the session.
	 *
	 * @returns when the session died, in epoch milliseconds. This time may be too early but never too late, so the time from the death to the
	 * cancel is never measured too short.
	 */
	#die(): number {
		const now = Date.now();
		const { venue, signal, config } = this.#context;
		switch (this.#kill) {
			case "close": {
				const orders = venue.expectedReason === undefined ? "keep" : "cancel";
				void this.#process.close(orders, config.keeper.closeTimeoutMs ?? callMs, signal).then(
					(closed) => {
						if (closed) this.notes.push(`closing the session reported: ${closed.detail}`);
					},
					(error: unknown) => this.notes.push(explain(error)),
				);
				return now;
			}
			case "kill":
				this.#process.kill();
				return now;
			case "freeze":
				this.#process.freeze();
				return now;
			case "gate":
				this.#process.stopPulses();
				return this.#process.lastPulseAt ?? now;
		}
	}

	/**
	 * Polls the order until it has ended or `waitMs` have passed. A request that fails is repeated.
	 *
	 * @throws DrillError if the last request fails.
	 */
	async #watch(order: PlacedOrder, waitMs: number): Promise<OrderSeen> {
		const { venue, signal } = this.#context;
		const endsAt = performance.now() + waitMs;
		this.#step(`watch for up to ${secondsText(waitMs)}`);
		for (;;) {
			signal.throwIfAborted();
			const leftMs = endsAt - performance.now();
			try {
				const seen = await this.#call((deadline) => venue.look(order, deadline));
				if (seen.state !== "open" || leftMs <= 0) return seen;
			} catch (error) {
				if (leftMs <= 0) throw new DrillError(`the order could not be read: ${explain(error)}`);
			}
			await sleep(Math.min(venue.pollMs, Math.max(leftMs, 0)), signal);
		}
	}

	#now(): SessionNow {
		const { now } = this.#process;
		if (!now) throw new DrillError("the process of the session has not reported its status");
		return now;
	}

	#call<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
		return callInTime(this.#context.signal, work);
	}

	#step(step: string): void {
		this.#context.onStep(`${this.#context.session}, ${this.#kill}: ${step}`);
	}
}

function takeOverDeadline(signal: AbortSignal) {
	return { ms: takeOverMs, signal, onTimeout: () => new DrillError(`no takeover within ${takeOverMs / 1_000} s`) };
}

const killTexts: Readonly<Record<Kill, string>> = {
	close: "the session is closed with a close frame",
	kill: "SIGKILL to the process of the session",
	freeze: "SIGSTOP to the process of the session",
	gate: "the strategy stops pulsing",
};

const inconclusive = (why: string, todo?: string): Verdict => ({
	verdict: "inconclusive",
	why,
	...(todo !== undefined && { todo }),
});
