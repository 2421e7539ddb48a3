import type { StatusRecord, Tally } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { Truth, VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";
import { JitterInvariant } from "./jitter-invariant.ts";

/** Tolerance for the keeper's timers against the times in a status. */
const graceMs = 2_000;
/** After a stall or suspension, a session need not report a status for this long. */
const settleMs = 30_000;
/** The keeper notices and reports a suspension within this time. */
const noticedMs = 32_000;
/** A session is not lost after nothing has been wrong for this long. */
const quietBeforeMs = 600_000;
/** The longest TTL of any session. */
const longestTtlMs = 300_000;

/**
 * What must hold for one session at every moment, whatever fails.
 *
 * - a: shown armed or alive, or let through by the guard, although the venue would not protect it, for longer than the proof
 *   may be old; or over a line that carries no data; or by a proof from after the protection had ended, or from before a suspension
 * - b: alive past the TTL, counted from when the venue was last heard; a beat is overdue and the status is not `late`
 * - c: not alive, or not armed, although nothing has been wrong for the recovery time; lost although nothing has been wrong
 * - d: closed because the program hangs, although the venue cancels nothing
 * - e: beats or attempts always at the same interval (the rest of e is at `TrafficInvariants`)
 * - g: a change without a record, a loss without a cause, a loop that went quiet
 */
export class SessionInvariants {
	readonly setup: VenueSetup;
	/** How many checks there were, and at how many it was alive, and armed where the venue supports it. */
	readonly checkCounts = { all: 0, fine: 0 };
	readonly #world: World;
	readonly #journal: Journal;
	readonly #current: () => StatusRecord | undefined;
	#truth: { is: Truth; since: number } = { is: "dead", since: 0 };
	#offSince: number | undefined;
	/** When the venue's truth was last what a session claims. */
	#trueAt = Number.NEGATIVE_INFINITY;
	/** When the connection was last up, and when the settings were last correct, each on its own. */
	readonly #parts = { thereAt: Number.NEGATIVE_INFINITY, rightAt: Number.NEGATIVE_INFINITY };
	#falseSince: number | undefined;
	#wrongUntil = 0;
	/** Until when the venue refuses for good, how many such refusals are pending, and whether the session has stopped for one. */
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

	/** Something may keep the session from recovering until then. */
	markDisturbed(until: number): void {
		this.#wrongUntil = Math.max(this.#wrongUntil, until, this.#world.now);
	}

	/** Whether nothing has been wrong for `ms`. */
	isCalmFor(ms: number): boolean {
		return this.#world.now - this.#wrongUntil >= ms;
	}

	/** A new process runs the session from now on, or none does. */
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

	/** The venue gives a final refusal, until then or until the session has received it once. */
	mayStop(until: number): void {
		this.#fatal.until = Math.max(this.#fatal.until, until);
		this.#fatal.pending += 1;
	}

	/** Whether the session has stopped for good. */
	get hasStopped(): boolean {
		return this.#last?.record.status.state === "stopped";
	}

	/** The keeper published a record. */
	recorded(record: StatusRecord): void {
		const { status } = record;
		const { now, machine } = this.#world;
		if (status.state === "alive" && this.#last?.record.status.state === "opening") {
			const slept = Math.min(now, machine.suspendedUntil) - Math.max(this.#last.at, machine.suspendedFrom);
			// Includes what became true since the last check.
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
			// A wall clock that is set back during a suspension hides that part of it from the machine.
			const seenMs = slept - Math.max(0, this.#last.aheadMs - machine.aheadMs);
			// Allowed when the session has heard from the venue since it woke.
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

	/** Checks what the keeper shows against the venue's truth. Called whenever either may have changed. */
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
		// After a stall, suspension or clock step the session gets the full time to notice.
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

	/** The session may have data from before a stall to read, and its clocks moved by a step. */
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

	/** The guard allowed an order. */
	orderAllowed(): void {
		this.#checkSilence();
		this.armedElsewhere(0);
	}

	/** The guard of a thread that knows what the session says after this time would allow an order. */
	armedElsewhere(staleMs: number): void {
		const { now, machine } = this.#world;
		const { is, since } = this.#truth;
		if (is === "yes") return;
		// As in `check()`: what was off before the claim, and known, may have hidden what is off now.
		const stood = now - Math.max(since, this.#falseSince ?? since, machine.disturbedAt);
		const mostMs = this.setup.bounds[is] + staleMs;
		if (stood > mostMs) this.#violate("a-guard", `let an order through, ${is} for ${stood} ms`);
	}

	/** Checks what changes with time alone. */
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
		// A clock that was set back during a suspension hides it: nothing on the machine can tell.
		if (now - machine.steppedAt < age + graceMs) return;
		if (age > status.ttlMs + 1) this.#violate("b-alive-past-ttl", `heard ${age} ms ago, ttl ${status.ttlMs}`);
		const { lastBeatAt = 0 } = tally;
		const beatAge = now - machine.sinceStart(lastBeatAt);
		// The proof may already be old when an opening is published; the next beat is then due sooner.
		const toldAfterMs = Math.max(0, at - lastBeatAt);
		// One interval to the next beat, and one until that times out: then it is late.
		const mostMs = 2 * this.setup.beatMs + graceMs + toldAfterMs;
		if (now - machine.disturbedAt > beatAge && beatAge > mostMs) {
			this.#violate("b-not-called-late", `the last beat was sent ${beatAge} ms ago, at most ${mostMs}`);
		}
	}

	/** Counted in the machine's awake time, which no clock step changes. */
	#checkQuiet({ status }: StatusRecord): void {
		const { now, machine } = this.#world;
		const calmMs = now - machine.disturbedAt;
		if (!this.#last || calmMs < settleMs) return;
		const awakeMs = machine.awakeMs - this.#last.awakeMs;
		// An answer that was read across a disturbance renews the lease, so it may be late for one more.
		const sinceMs = status.state === "late" ? Math.min(awakeMs, calmMs) : awakeMs;
		const overdueMs = sinceMs - longestOf(this.#last.record);
		if (overdueMs > graceMs) this.#violate("g-quiet", `${status.state} is over since ${overdueMs} ms`);
	}

	#checkRecorded({ status, tally }: StatusRecord): void {
		const last = this.#last?.record.status;
		// The status is computed on request: the keeper's loop may not have run since the stall.
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
		// Only time without any of this counts.
		const { now } = this.#world;
		if (!this.setup.isAble()) this.markDisturbed(now);
		if (isFine) this.#fineAt = now;
		// A doubt that two beats resolve, such as during a renewal of the tokens, is no failure to recover.
		if (now - this.#fineAt <= 2 * this.setup.beatMs || !this.isCalmFor(this.setup.recoverMs)) return;
		this.#violate("c-not-recovered", `calm for ${this.setup.recoverMs} ms and still ${JSON.stringify(status)}`);
	}

	/** Checks again when the false claim must have been withdrawn. */
	#alarm(ms: number): void {
		this.#cancelAlarm?.();
		this.#cancelAlarm = this.#world.after(ms, () => this.check());
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.setup.name, detail);
	}
}

/** Milliseconds after which another state has to follow. */
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
