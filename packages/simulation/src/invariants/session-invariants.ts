import type { StatusRecord, Tally } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { Truth, VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";
import { JitterInvariant } from "./jitter-invariant.ts";

/** How far a timer of the keeper may lag behind what a status promised. */
const graceMs = 2_000;
/** After its machine stood still a loop is given so long before silence is held against it. */
const settleMs = 30_000;
/** A machine that slept is noticed by the keeper's own loop within this, and told. */
const noticedMs = 32_000;
/** The longest lease any of the sessions has. */
const longestTtlMs = 300_000;

/**
 * What has to hold of one session at every moment, whatever goes wrong.
 *
 * - a: shown armed or alive, or let through by the guard, while the venue's truth is otherwise, for longer than the proof
 *   may be old; or by a proof that is younger than the truth against it, or was read before the machine slept
 * - b: alive past the TTL, counted from when the venue was last heard; a beat that is overdue and not called late
 * - c: not alive, or not armed, although nothing has been wrong for long enough
 * - e: beats or attempts that always come at the same distance (the rest of e stands at `Traffic`)
 * - g: a change without a record, a loss without a cause, a loop gone quiet
 */
export class SessionInvariants {
	readonly setup: VenueSetup;
	/** How often it was looked at, and how often it was alive, and armed where there is such a thing. */
	readonly looks = { all: 0, fine: 0 };
	readonly #world: World;
	readonly #journal: Journal;
	readonly #current: () => StatusRecord | undefined;
	#truth: { is: Truth; since: number } = { is: "dead", since: 0 };
	#offSince: number | undefined;
	/** When it was last what a session claims. */
	#trueAt = Number.NEGATIVE_INFINITY;
	/** When it was last there, whatever its settings, and when those were last right, whatever was there. */
	readonly #parts = { thereAt: Number.NEGATIVE_INFINITY, rightAt: Number.NEGATIVE_INFINITY };
	#falseSince: number | undefined;
	#wrongUntil = 0;
	/** Until when the venue refuses for good, in how many ways, and whether the session has stopped for one. */
	readonly #fatal = { until: 0, pending: 0, seen: false };
	#last:
		| { readonly record: StatusRecord; readonly at: number; readonly awakeMs: number; readonly aheadMs: number }
		| undefined;
	#losses = 0;
	#recoveries = 0;
	#cancelAlarm: (() => void) | undefined;
	#pace: JitterInvariant;

	constructor(setup: VenueSetup, world: World, journal: Journal, current: () => StatusRecord | undefined) {
		this.setup = setup;
		this.#world = world;
		this.#journal = journal;
		this.#current = current;
		this.#pace = new JitterInvariant((detail) => this.#violate("e-in-step", detail));
	}

	/** Something stands against the session until then. */
	markDisturbed(until: number): void {
		this.#wrongUntil = Math.max(this.#wrongUntil, until, this.#world.now);
	}

	/** Whether nothing was wrong for so long. */
	isCalmFor(ms: number): boolean {
		return this.#world.now - this.#wrongUntil >= ms;
	}

	/** A new process keeps the session from now on, or none does. */
	processStarted({ losses, recoveries }: Pick<Tally, "losses" | "recoveries"> = { losses: 0, recoveries: 0 }): void {
		this.#falseSince = undefined;
		this.#last = undefined;
		this.#losses = losses;
		this.#recoveries = recoveries;
		this.#pace = new JitterInvariant((detail) => this.#violate("e-in-step", detail));
		if (this.#fatal.seen && this.#world.now > this.#fatal.until) this.#fatal.pending -= 1;
		this.#fatal.seen = false;
		this.markDisturbed(this.#world.now);
	}

	/** The venue refuses in a way that is final, until then or until the session has been told of it once. */
	mayStop(until: number): void {
		this.#fatal.until = Math.max(this.#fatal.until, until);
		this.#fatal.pending += 1;
	}

	/** Whether the session has stopped for good. */
	get hasStopped(): boolean {
		return this.#last?.record.status.state === "stopped";
	}

	/** The keeper told a change. */
	recorded(record: StatusRecord): void {
		const { status } = record;
		const { now, machine } = this.#world;
		if (status.state === "alive" && this.#last?.record.status.state === "opening") {
			const slept = Math.min(now, machine.suspendedUntil) - Math.max(this.#last.at, machine.suspendedFrom);
			// Also what became true since the last look.
			this.#see();
			const { state } = status.protection;
			const { thereAt, rightAt } = this.#parts;
			const provedAt = this.setup.provesApart ? Math.min(thereAt, rightAt) : this.#trueAt;
			if ((state === "armed" || state === "unsupported") && provedAt < this.#last.at) {
				this.#violate(
					"a-opened-on-nothing",
					`${status.protection.state}, and the venue's truth never was since it began`,
				);
			}
			// A clock that was set back meanwhile hides a sleep that was no longer: no clock of the machine shows it then.
			const seenMs = slept - Math.max(0, this.#last.aheadMs - machine.aheadMs);
			// Unless it was opened before, not believed for a stall, and has asked again since it woke.
			if (seenMs > graceMs && this.setup.route.heardAt < machine.suspendedUntil) {
				this.#violate("a-opened-in-sleep", `believes what it read before it slept ${slept} ms`);
			}
		}
		this.#last = { record, at: now, awakeMs: machine.awakeMs, aheadMs: machine.aheadMs };
		if (status.state === "waiting" && status.why === "backoff") this.#pace.waited(status.until - record.at);
		if (status.state === "stopped" && status.why === "fatal") this.#fatal.seen = true;
		if (status.state === "lost") {
			this.#losses += 1;
			this.#journal.count("losses");
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

	/** What the keeper shows now, judged by the venue's truth. To be called whenever either may have changed. */
	look(): void {
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
		const claims = protection.state === "armed" || protection.state === "unsupported";
		if (!claims || truth === "yes") {
			this.#falseSince = undefined;
			return;
		}
		this.#falseSince ??= now;
		// A machine that stood still, or had its clock set, shows what it knew before; from then on it has its time.
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

	/** The program asked the guard before an order, and was let through. */
	orderAllowed(): void {
		const { now, machine } = this.#world;
		const { is, since } = this.#truth;
		if (is === "yes") return;
		const stood = now - Math.max(since, machine.disturbedAt);
		if (stood > this.setup.bounds[is]) this.#violate("a-guard", `let an order through, ${is} for ${stood} ms`);
	}

	/** Looks at what time alone may break. */
	patrol(): void {
		const record = this.#world.machine.isFrozen ? undefined : this.#current();
		if (!record) return;
		this.look();
		const { status } = record;
		const isFine =
			status.state === "alive" && (status.protection.state === "armed" || status.protection.state === "unsupported");
		this.looks.all += 1;
		if (isFine) this.looks.fine += 1;
		this.#checkQuiet(record);
		this.#checkRecorded(record);
		this.#checkRecovered(record, isFine);
		if (this.isCalmFor(120_000)) this.#pace.beat(record.tally);
	}

	#checkAge({ at, status, tally }: StatusRecord): void {
		if (status.state !== "alive") return;
		const { now, machine } = this.#world;
		const age = now - this.setup.route.heardAt;
		// A clock that was set back during a sleep hides the sleep: nothing on the machine could tell.
		if (now - machine.steppedAt < age + graceMs) return;
		if (age > status.ttlMs + 1) this.#violate("b-alive-past-ttl", `heard ${age} ms ago, ttl ${status.ttlMs}`);
		const { lastBeatAt = 0 } = tally;
		const beatAge = now - machine.sinceStart(lastBeatAt);
		// What an opening rests on may be old when it is told, which is what the next beat is early for.
		const toldAfterMs = Math.max(0, at - lastBeatAt);
		// One interval to the next beat, and one until that is cut off: then it is late.
		const mostMs = 2 * this.setup.beatMs + graceMs + toldAfterMs;
		if (now - machine.disturbedAt > beatAge && beatAge > mostMs) {
			this.#violate("b-not-called-late", `the last beat was sent ${beatAge} ms ago, at most ${mostMs}`);
		}
	}

	/** By the time the machine was awake: no clock that is set makes a loop that waits look quiet, or hides one that is. */
	#checkQuiet({ status }: StatusRecord): void {
		const { now, machine } = this.#world;
		const calmMs = now - machine.disturbedAt;
		if (!this.#last || calmMs < settleMs) return;
		const awakeMs = machine.awakeMs - this.#last.awakeMs;
		// An answer that was read across a disturbance buys a lease all the same: it is late for one more.
		const sinceMs = status.state === "late" ? Math.min(awakeMs, calmMs) : awakeMs;
		const overdueMs = sinceMs - longestOf(this.#last.record);
		if (overdueMs > graceMs) this.#violate("g-quiet", `${status.state} is over since ${overdueMs} ms`);
	}

	#checkRecorded({ status, tally }: StatusRecord): void {
		const last = this.#last?.record.status;
		// Judged at the moment of asking: the keeper's own loop may not have run since its machine stood still.
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
		// Only time without any of it counts.
		if (!this.setup.isAble()) this.markDisturbed(this.#world.now);
		if (isFine || !this.isCalmFor(this.setup.recoverMs)) return;
		this.#violate("c-not-recovered", `calm for ${this.setup.recoverMs} ms and still ${JSON.stringify(status)}`);
	}

	/** Looks again when a claim that does not hold must be gone. */
	#alarm(ms: number): void {
		this.#cancelAlarm?.();
		this.#cancelAlarm = this.#world.after(ms, () => this.look());
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.setup.name, detail);
	}
}

/** Milliseconds after which something else has to follow a state. */
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
