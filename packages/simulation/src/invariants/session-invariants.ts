import type { StatusRecord, Tally } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { Truth, VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";
import { JitterInvariant } from "./random-interval-invariant.ts";

/** The keeper's timers may fire this many milliseconds later than the times that a status names. */
const graceMs = 2_000;
/**
 * A status names the time at which its state must end. This end is not checked until this many milliseconds after a stall, a suspension or
 * a clock step, because the keeper needs time to notice them.
 */
const settleMs = 30_000;
/** The keeper notices and reports a suspension of the machine within this many milliseconds. */
const noticedMs = 32_000;
/** A session must not be lost if nothing has been wrong for this many milliseconds. */
const quietBeforeMs = 600_000;
/** The longest TTL of any session, in milliseconds. */
const longestTtlMs = 300_000;

/**
 * Checks one session at every moment, whatever faults are injected. For each rule, the list says what violates it.
 *
 * - a: the session is shown as armed or alive, or an order is allowed, although the venue would not protect it. The session has a limited
 *   time to notice that. It has less time if its connection carries no data, because its pings then get no answer. It has no time if it
 *   claims to have read the protection back after the protection had ended, or if it opens with answers from before a suspension of the
 *   machine
 * - b: the session is alive although the venue has sent nothing for longer than the TTL; or a beat is overdue and the status is not `late`
 * - c: the session is not alive, or not armed, although nothing has been wrong for the recovery time; or it is lost although nothing has
 *   been wrong
 * - d: the session was closed because the program hangs, although the venue would cancel nothing
 * - e: beats or attempts always have the same interval (`TrafficInvariants` checks the rest of rule e)
 * - g: a state changes without a status record, a session is lost without a cause, or a state does not end when its time is over
 */
export class SessionInvariants {
	readonly setup: VenueSetup;
	/** The number of checks, and the number of checks that found the session alive, and armed if its venue supports that. */
	readonly checkCounts = { all: 0, fine: 0 };
	readonly #world: World;
	readonly #journal: Journal;
	readonly #current: () => StatusRecord | undefined;
	#truth: { is: Truth; since: number } = { is: "dead", since: 0 };
	#offSince: number | undefined;
	/** When a check last found that the venue would really protect the session. */
	#trueAt = Number.NEGATIVE_INFINITY;
	/** When the connection was last up, and when the settings were last correct. The two times are independent of each other. */
	readonly #parts = { thereAt: Number.NEGATIVE_INFINITY, rightAt: Number.NEGATIVE_INFINITY };
	#falseSince: number | undefined;
	#wrongUntil = 0;
	/**
	 * The refusals of the venue after which the session stops for good. `until`: when the venue stops refusing. `pending`: how many of the
	 * refusals the session has not received yet. `seen`: whether the session has stopped because of a refusal.
	 */
	readonly #fatal = { until: 0, pending: 0, seen: false };
	#last:
		| { readonly record: StatusRecord; readonly at: number; readonly awakeMs: number; readonly aheadMs: number }
		| undefined;
	/** Whether the session has reported that its venue cancels nothing (protection `unsupported`). */
	#isUnsupported = false;
	#losses = 0;
	#recoveries = 0;
	/** When a check last found the session alive, and armed if its venue supports that. */
	#fineAt = Number.NEGATIVE_INFINITY;
	#cancelAlarm: (() => void) | undefined;
	#cancelSilenceAlarm: (() => void) | undefined;
	#pace: JitterInvariant;

	constructor(setup: VenueSetup, world: World, journal: Journal, current: () => StatusRecord | undefined) {
		this.setup = setup;
		this.#world = world;
		this.#journal = journal;
		this.#current = current;
		this.#pace = new JitterInvariant((detail) => this.#violate("e-in-step", detail));
	}

	/** Records that a fault may keep the session from recovering until the given time. */
	markDisturbed(until: number): void {
		this.#wrongUntil = Math.max(this.#wrongUntil, until, this.#world.now);
	}

	/** Whether no fault has been in effect for `ms`. */
	isCalmFor(ms: number): boolean {
		return this.#world.now - this.#wrongUntil >= ms;
	}

	/** Forgets the session's last status. To be called when a process begins to run the session, and also when that process ends. */
	processStarted({ losses, recoveries }: Pick<Tally, "losses" | "recoveries"> = { losses: 0, recoveries: 0 }): void {
		this.#falseSince = undefined;
		this.#last = undefined;
		this.#isUnsupported = false;
		this.#losses = losses;
		this.#recoveries = recoveries;
		this.#pace = new JitterInvariant((detail) => this.#violate("e-in-step", detail));
		if (this.#fatal.seen && this.#world.now > this.#fatal.until) this.#fatal.pending -= 1;
		this.#fatal.seen = false;
		this.markDisturbed(this.#world.now);
	}

	/**
	 * To be called when the venue begins to refuse in a way that stops the session for good. The venue stops refusing at the given time, or
	 * once the session has received the refusal.
	 */
	mayStop(until: number): void {
		this.#fatal.until = Math.max(this.#fatal.until, until);
		this.#fatal.pending += 1;
	}

	/** Whether the session has stopped for good. */
	get hasStopped(): boolean {
		return this.#last?.record.status.state === "stopped";
	}

	/** To be called when the keeper has published a status record. */
	recorded(record: StatusRecord): void {
		const { status } = record;
		const { now, machine } = this.#world;
		if (status.state === "alive" && this.#last?.record.status.state === "opening") {
			const slept = Math.min(now, machine.suspendedUntil) - Math.max(this.#last.at, machine.suspendedFrom);
			// Checks the venue again, because its state may have changed since the last check.
			this.#see();
			const { state } = status.protection;
			const { thereAt, rightAt } = this.#parts;
			const provedAt = this.setup.provesSettingsSeparately ? Math.min(thereAt, rightAt) : this.#trueAt;
			if ((state === "armed" || state === "unsupported") && provedAt < this.#last.at) {
				this.#violate(
					"a-opened-on-nothing",
					`opened as ${status.protection.state}, but the venue was not armed at any time during the open`,
				);
			}
			// If the wall clock is set back during a suspension, the suspension looks shorter to the session than it was. The session cannot know of
			// the difference, so the difference is subtracted.
			const seenMs = slept - Math.max(0, this.#last.aheadMs - machine.aheadMs);
			// If the session has received something from the venue since the machine woke up, its data is new enough.
			if (seenMs > graceMs && this.setup.route.heardAt < machine.suspendedUntil) {
				this.#violate("a-opened-in-sleep", `opened with data from before a suspension of ${slept} ms`);
			}
		}
		this.#last = { record, at: now, awakeMs: machine.awakeMs, aheadMs: machine.aheadMs };
		if (status.state === "waiting" && status.why === "backoff") this.#pace.waited(status.until - record.at);
		if (status.state === "stopped" && status.why === "fatal") this.#fatal.seen = true;
		if (status.state === "lost") {
			const trueMs = this.#truth.is === "yes" ? now - this.#truth.since : 0;
			if (this.isCalmFor(quietBeforeMs) && Math.min(trueMs, now - machine.disturbedAt) > quietBeforeMs) {
				this.#violate("c-lost-for-nothing", `nothing was wrong for ${trueMs} ms: ${status.cause.message}`);
			}
			this.#losses += 1;
			this.#journal.count("losses");
		}
		if (status.state === "alive") this.#isUnsupported = status.protection.state === "unsupported";
		if (status.state === "gated" && this.#isUnsupported) {
			this.#violate("d-gated-for-nothing", "closed because the program hangs, although the venue cancels nothing");
		}
		if (record.tally.recoveries > this.#recoveries) this.#journal.count("recoveries");
		this.#recoveries = record.tally.recoveries;
		if ("cause" in status && status.cause.message === "") this.#violate("g-no-cause", status.state);
	}

	#see(): Truth {
		const { now } = this.#world;
		const truth = this.setup.truth();
		if (truth === "yes") this.#trueAt = now;
		if (truth !== "dead") this.#parts.thereAt = now;
		if (!this.setup.isOff()) this.#parts.rightAt = now;
		return truth;
	}

	/** Compares what the keeper shows with what the venue would really do. To be called whenever either may have changed. */
	check(): void {
		const { now, machine } = this.#world;
		const truth = this.#see();
		if (truth !== this.#truth.is) this.#truth = { is: truth, since: now };
		this.#offSince = this.setup.isOff() ? (this.#offSince ?? now) : undefined;
		const record = machine.isFrozen ? undefined : this.#current();
		const status = record?.status;
		if (!record || status?.state !== "alive") {
			this.#falseSince = undefined;
			return;
		}
		this.#checkAge(record);
		const { protection } = status;
		if (protection.state === "armed") this.#checkSilence();
		const claims = protection.state === "armed" || protection.state === "unsupported";
		if (!claims || truth === "yes") {
			this.#falseSince = undefined;
			return;
		}
		this.#falseSince ??= now;
		// After a stall, a suspension or a clock step, the session again has the full time to notice that it is not protected.
		const since = Math.max(this.#falseSince, this.#truth.since, machine.disturbedAt);
		const bound = this.setup.bounds[truth];
		if (now - since > bound)
			this.#violate(
				`a-false-${protection.state}`,
				`the session has shown the protection as ${protection.state} for ${now - since} ms, but the venue's state is "${truth}" (at most ${bound} ms are allowed)`,
			);
		else this.#alarm(since + bound + 1 - now);
		if (protection.state !== "armed" || this.#offSince === undefined) return;
		const provedAt = machine.sinceStart(protection.verifiedAt);
		const isComparable = now - machine.steppedAt > 3_600_000;
		if (isComparable && provedAt > this.#offSince + 1) {
			this.#violate(
				"a-proof-of-nothing",
				`the session says that it read the protection back as on, ${provedAt - this.#offSince} ms after the protection had ended`,
			);
		}
	}

	/**
	 * Checks that the session does not stay armed too long over a connection that carries no data. The allowed time starts anew after a stall,
	 * a suspension or a clock step.
	 */
	#checkSilence(): void {
		const { now, machine } = this.#world;
		const silence = this.setup.silence?.();
		if (!silence) return;
		const silentMs = now - Math.max(silence.since, machine.disturbedAt);
		if (silentMs > silence.mostMs) {
			this.#violate("a-armed-over-silence", `armed after ${silentMs} ms without data, ${silence.mostMs} are allowed`);
			return;
		}
		this.#cancelSilenceAlarm?.();
		this.#cancelSilenceAlarm = this.#world.after(silence.mostMs + 1 - silentMs, () => this.check());
	}

	/** To be called when `requireArmed` has allowed an order. */
	orderAllowed(): void {
		this.#checkSilence();
		this.armedElsewhere(0);
	}

	/** To be called when a thread would allow an order. The thread may know only what the session's state was `staleMs` ago. */
	armedElsewhere(staleMs: number): void {
		const { now, machine } = this.#world;
		const { is, since } = this.#truth;
		if (is === "yes") return;
		// As in `check()`, the time counts from when the session began to claim a protection that does not exist. The time before does not count,
		// because the session may then have been shown as not armed, which is right.
		const stood = now - Math.max(since, this.#falseSince ?? since, machine.disturbedAt);
		const mostMs = this.setup.bounds[is] + staleMs;
		if (stood > mostMs)
			this.#violate(
				"a-guard",
				`allowed an order after claiming protection for ${stood} ms while the venue's state was "${is}" (at most ${mostMs} ms are allowed)`,
			);
	}

	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		const record = this.#world.machine.isFrozen ? undefined : this.#current();
		if (!record) return;
		this.check();
		const { status } = record;
		const isFine =
			status.state === "alive" && (status.protection.state === "armed" || status.protection.state === "unsupported");
		this.checkCounts.all += 1;
		if (isFine) this.checkCounts.fine += 1;
		this.#checkQuiet(record);
		this.#checkRecorded(record);
		this.#checkRecovered(record, isFine);
		if (this.isCalmFor(120_000)) this.#pace.beat(record.tally);
	}

	#checkAge({ at, status, tally }: StatusRecord): void {
		if (status.state !== "alive") return;
		const { now, machine } = this.#world;
		const age = now - this.setup.route.heardAt;
		// If the clock was set after the session's last beat, that clock step may hide a suspension of the machine from the session. The session
		// then cannot know how old the last message is, so this age is not checked.
		if (now - machine.steppedAt < age + this.setup.beatMs + graceMs) return;
		if (age > status.ttlMs + 1)
			this.#violate("b-alive-past-ttl", `the venue was heard ${age} ms ago, the TTL is ${status.ttlMs} ms`);
		const { lastBeatAt = 0 } = tally;
		const beatAge = now - machine.sinceStart(lastBeatAt);
		// When a session becomes alive, the venue's answer that made it alive may already be this old.
		const toldAfterMs = Math.max(0, at - lastBeatAt);
		// The state must be `late` after at most two intervals: one until the next beat is sent, and one until that beat times out.
		const mostMs = 2 * this.setup.beatMs + graceMs + toldAfterMs;
		if (now - machine.disturbedAt > beatAge && beatAge > mostMs) {
			this.#violate("b-not-called-late", `the last beat was sent ${beatAge} ms ago, ${mostMs} are allowed`);
		}
	}

	/** Checks that a state with a time limit ends in time. Time during which the machine was suspended does not count. */
	#checkQuiet({ status }: StatusRecord): void {
		const { now, machine } = this.#world;
		const calmMs = now - machine.disturbedAt;
		if (!this.#last || calmMs < settleMs) return;
		const awakeMs = machine.awakeMs - this.#last.awakeMs;
		// After a stall or clock step, a late session may read a delayed answer that renews its lease. The TTL then starts again, so the session
		// may be late for one more TTL.
		const sinceMs = status.state === "late" ? Math.min(awakeMs, calmMs) : awakeMs;
		const overdueMs = sinceMs - longestOf(this.#last.record);
		if (overdueMs > graceMs) this.#violate("g-quiet", `${status.state} should have ended ${overdueMs} ms ago`);
	}

	#checkRecorded({ status, tally }: StatusRecord): void {
		const last = this.#last?.record.status;
		// After a stall, a query of the status may return `late` before the keeper's loop has run and published it.
		const { now, machine } = this.#world;
		const checked = status.state === "late" && status.cause.name === "Stall" && now - machine.disturbedAt < noticedMs;
		if (last && last.state !== status.state && !checked) {
			this.#violate("g-unrecorded", `${status.state} is shown, but ${last.state} was published last`);
		}
		if (tally.losses !== this.#losses) {
			this.#violate(
				"g-loss-count",
				`the tally counts ${tally.losses} losses of the session, but ${this.#losses} status records "lost" were published`,
			);
		}
	}

	#checkRecovered({ status }: StatusRecord, isFine: boolean): void {
		if (status.state === "stopped") {
			if (this.#fatal.pending <= 0) this.#violate("c-stopped", JSON.stringify(status));
			return;
		}
		// While the venue does not allow recovery (for example because nobody is logged in), the time counts as disturbed by a fault.
		const { now } = this.#world;
		if (!this.setup.isAble()) this.markDisturbed(now);
		if (isFine) this.#fineAt = now;
		// The session may be unprotected for up to two beat intervals, for example during a token renewal. That does not count as a failure
		// to recover.
		if (now - this.#fineAt <= 2 * this.setup.beatMs || !this.isCalmFor(this.setup.recoverMs)) return;
		this.#violate("c-not-recovered", `no fault for ${this.setup.recoverMs} ms and still ${JSON.stringify(status)}`);
	}

	/** Checks again after `ms`. By then a session that claims a protection that does not exist must have withdrawn the claim. */
	#alarm(ms: number): void {
		this.#cancelAlarm?.();
		this.#cancelAlarm = this.#world.after(ms, () => this.check());
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.setup.name, detail);
	}
}

/** The longest time in milliseconds after which the session must have left this state. */
function longestOf({ at, status }: StatusRecord): number {
	switch (status.state) {
		case "waiting":
			return Math.max(0, status.until - at);
		case "blocked":
			return Math.max(0, status.nextTryAt - at);
		case "opening":
			return 180_000;
		case "leaving":
			return 12_000;
		case "late":
			return longestTtlMs + 30_000;
		default:
			return Number.POSITIVE_INFINITY;
	}
}
