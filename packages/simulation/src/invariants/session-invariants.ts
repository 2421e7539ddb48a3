import type { StatusRecord, Tally } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { Truth, VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";
import { JitterInvariant } from "./jitter-invariant.ts";

/** Tolerance for the keeper's timers against the times in a status. */
const graceMs = 2_000;
/** After a stall or suspension, a session need not report a status for this long. */
const settleMs = 30_000;
/** The keeper notices and reports a suspension of the machine within this time. */
const noticedMs = 32_000;
/** A session must not be lost if nothing has been wrong for this long. */
const quietBeforeMs = 600_000;
/** The longest TTL of any session. */
const longestTtlMs = 300_000;

/**
 * What must hold for one session at every moment, whatever faults are injected.
 *
 * - a: the session is shown as armed or alive, or an order is allowed, although the venue would not protect it, for longer than a
 *   proof may be old; or over a connection that carries no data; or by a proof that is dated after the protection had ended, or
 *   before a suspension of the machine
 * - b: alive for longer than the TTL since the venue last sent anything; a beat is overdue and the status is not `late`
 * - c: not alive, or not armed, although nothing has been wrong for the recovery time; lost although nothing has been wrong
 * - d: closed because the program hangs, although the venue would cancel nothing
 * - e: beats or attempts always at the same interval (the rest of e is checked by `TrafficInvariants`)
 * - g: a change without a record, a loss without a cause, a loop that takes no next step
 */
export class SessionInvariants {
	readonly setup: VenueSetup;
	/** How many checks there were, and how many found the session alive, and armed if its venue supports that. */
	readonly checkCounts = { all: 0, fine: 0 };
	readonly #world: World;
	readonly #journal: Journal;
	readonly #current: () => StatusRecord | undefined;
	#truth: { is: Truth; since: number } = { is: "dead", since: 0 };
	#offSince: number | undefined;
	/** When a check last found that the venue would really protect the session. */
	#trueAt = Number.NEGATIVE_INFINITY;
	/** When the connection was last up, and when the settings were last correct, independently of each other. */
	readonly #parts = { thereAt: Number.NEGATIVE_INFINITY, rightAt: Number.NEGATIVE_INFINITY };
	#falseSince: number | undefined;
	#wrongUntil = 0;
	/** Until when the venue gives final refusals, how many final refusals are pending, and whether the session has stopped for one. */
	readonly #fatal = { until: 0, pending: 0, seen: false };
	#last:
		| { readonly record: StatusRecord; readonly at: number; readonly awakeMs: number; readonly aheadMs: number }
		| undefined;
	/** Whether the session has said that its venue cancels nothing. */
	#isUnsupported = false;
	#losses = 0;
	#recoveries = 0;
	/** When a check last found the session alive and armed. */
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

	/** Records that something may keep the session from recovering until then. */
	markDisturbed(until: number): void {
		this.#wrongUntil = Math.max(this.#wrongUntil, until, this.#world.now);
	}

	/** Whether nothing has been wrong for `ms`. */
	isCalmFor(ms: number): boolean {
		return this.#world.now - this.#wrongUntil >= ms;
	}

	/** To be called when a new process runs the session from now on, or no process does. */
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

	/** To be called when the venue gives a final refusal, until then or until the session has received it once. */
	mayStop(until: number): void {
		this.#fatal.until = Math.max(this.#fatal.until, until);
		this.#fatal.pending += 1;
	}

	/** Whether the session has stopped for good. */
	get hasStopped(): boolean {
		return this.#last?.record.status.state === "stopped";
	}

	/** To be called when the keeper has published a record. */
	recorded(record: StatusRecord): void {
		const { status } = record;
		const { now, machine } = this.#world;
		if (status.state === "alive" && this.#last?.record.status.state === "opening") {
			const slept = Math.min(now, machine.suspendedUntil) - Math.max(this.#last.at, machine.suspendedFrom);
			// The venue's state may have changed since the last check.
			this.#see();
			const { state } = status.protection;
			const { thereAt, rightAt } = this.#parts;
			const provedAt = this.setup.provesSettingsSeparately ? Math.min(thereAt, rightAt) : this.#trueAt;
			if ((state === "armed" || state === "unsupported") && provedAt < this.#last.at) {
				this.#violate(
					"a-opened-on-nothing",
					`${status.protection.state}, but the venue was not armed at any time since it began`,
				);
			}
			// If the wall clock is set back during a suspension, the machine cannot see that part of the suspension.
			const seenMs = slept - Math.max(0, this.#last.aheadMs - machine.aheadMs);
			// No violation if the session has received something from the venue since the machine woke.
			if (seenMs > graceMs && this.setup.route.heardAt < machine.suspendedUntil) {
				this.#violate("a-opened-in-sleep", `uses data from before a suspension of ${slept} ms`);
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
		// After a stall, a suspension or a clock step, the session again has the full time to notice.
		const since = Math.max(this.#falseSince, this.#truth.since, machine.disturbedAt);
		const bound = this.setup.bounds[truth];
		if (now - since > bound)
			this.#violate(`a-false-${protection.state}`, `${truth} for ${now - since} ms, bound ${bound}`);
		else this.#alarm(since + bound + 1 - now);
		if (protection.state !== "armed" || this.#offSince === undefined) return;
		const provedAt = machine.sinceStart(protection.verifiedAt);
		const isComparable = now - machine.steppedAt > 3_600_000;
		if (isComparable && provedAt > this.#offSince + 1) {
			this.#violate("a-proof-of-nothing", `proved ${provedAt - this.#offSince} ms after it was off`);
		}
	}

	/** Checks that the session is not armed over a silent connection. The time counts from the end of a stall or clock step. */
	#checkSilence(): void {
		const { now, machine } = this.#world;
		const silence = this.setup.silence?.();
		if (!silence) return;
		const silentMs = now - Math.max(silence.since, machine.disturbedAt);
		if (silentMs > silence.mostMs) {
			this.#violate("a-armed-over-silence", `nothing has come for ${silentMs} ms, at most ${silence.mostMs}`);
			return;
		}
		this.#cancelSilenceAlarm?.();
		this.#cancelSilenceAlarm = this.#world.after(silence.mostMs + 1 - silentMs, () => this.check());
	}

	/** To be called when the guard has allowed an order. */
	orderAllowed(): void {
		this.#checkSilence();
		this.armedElsewhere(0);
	}

	/** To be called when a thread that learns of the session's state only after `staleMs` would allow an order. */
	armedElsewhere(staleMs: number): void {
		const { now, machine } = this.#world;
		const { is, since } = this.#truth;
		if (is === "yes") return;
		// Counts from the beginning of the claim, as in `check()`: a known earlier problem may have hidden the present one.
		const stood = now - Math.max(since, this.#falseSince ?? since, machine.disturbedAt);
		const mostMs = this.setup.bounds[is] + staleMs;
		if (stood > mostMs) this.#violate("a-guard", `let an order through, ${is} for ${stood} ms`);
	}

	/** Checks the rules that time alone can violate. */
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
		// A clock step back during a suspension hides the suspension: no clock of the machine shows it.
		if (now - machine.steppedAt < age + graceMs) return;
		if (age > status.ttlMs + 1) this.#violate("b-alive-past-ttl", `heard ${age} ms ago, ttl ${status.ttlMs}`);
		const { lastBeatAt = 0 } = tally;
		const beatAge = now - machine.sinceStart(lastBeatAt);
		// The proof of an open may already be old when the session becomes alive.
		const toldAfterMs = Math.max(0, at - lastBeatAt);
		// One interval until the next beat, and one until that beat times out: then the session must be late.
		const mostMs = 2 * this.setup.beatMs + graceMs + toldAfterMs;
		if (now - machine.disturbedAt > beatAge && beatAge > mostMs) {
			this.#violate("b-not-called-late", `the last beat was sent ${beatAge} ms ago, at most ${mostMs}`);
		}
	}

	/** Checks that a state with a limit ends in time. Counts the time for which the machine was awake, which no clock step changes. */
	#checkQuiet({ status }: StatusRecord): void {
		const { now, machine } = this.#world;
		const calmMs = now - machine.disturbedAt;
		if (!this.#last || calmMs < settleMs) return;
		const awakeMs = machine.awakeMs - this.#last.awakeMs;
		// An answer that is read after a stall or clock step may renew the lease, so the session may be late for one more lease.
		const sinceMs = status.state === "late" ? Math.min(awakeMs, calmMs) : awakeMs;
		const overdueMs = sinceMs - longestOf(this.#last.record);
		if (overdueMs > graceMs) this.#violate("g-quiet", `${status.state} is over since ${overdueMs} ms`);
	}

	#checkRecorded({ status, tally }: StatusRecord): void {
		const last = this.#last?.record.status;
		// The status may have been computed for this request: the keeper's loop may not have run since the stall.
		const { now, machine } = this.#world;
		const checked = status.state === "late" && status.cause.name === "Stall" && now - machine.disturbedAt < noticedMs;
		if (last && last.state !== status.state && !checked) {
			this.#violate("g-unrecorded", `${status.state} shown, ${last.state} was recorded last`);
		}
		if (tally.losses !== this.#losses) {
			this.#violate("g-loss-count", `${tally.losses} losses, ${this.#losses} records`);
		}
	}

	#checkRecovered({ status }: StatusRecord, isFine: boolean): void {
		if (status.state === "stopped") {
			if (this.#fatal.pending <= 0) this.#violate("c-stopped", JSON.stringify(status));
			return;
		}
		// Time for which the venue does not allow recovery does not count.
		const { now } = this.#world;
		if (!this.setup.isAble()) this.markDisturbed(now);
		if (isFine) this.#fineAt = now;
		// Up to two beats without protection, such as during a token renewal, are no failure to recover.
		if (now - this.#fineAt <= 2 * this.setup.beatMs || !this.isCalmFor(this.setup.recoverMs)) return;
		this.#violate("c-not-recovered", `calm for ${this.setup.recoverMs} ms and still ${JSON.stringify(status)}`);
	}

	/** Checks again after `ms`, when the session must no longer make the false claim. */
	#alarm(ms: number): void {
		this.#cancelAlarm?.();
		this.#cancelAlarm = this.#world.after(ms, () => this.check());
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.setup.name, detail);
	}
}

/** After how many milliseconds another state has to follow. */
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
