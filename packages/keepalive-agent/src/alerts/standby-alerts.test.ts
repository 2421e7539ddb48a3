import type { Instant } from "@x/base/instant";
import type { Status } from "@x/keepalive";
import { expect, it } from "vitest";
import { isLeader, isLedElsewhere, statusText } from "../agent/session-view.ts";
import type { Alert } from "./alert.ts";
import { AlertRules } from "./alert-rules.ts";

const start = Date.parse("2026-03-10T03:00:00Z");
const cause = { name: "SessionError", message: "another process leads now", kind: "leader" } as const;
const leader = { holder: "desk-a/1", epoch: 6, since: start };
const elsewhere: Status = { state: "standby", leader, cause };
const unknown: Status = { state: "standby", cause: { name: "Error", message: "connect ECONNREFUSED" } };
const opening: Status = { state: "opening", attempt: 1 };
const blocked: Status = { state: "blocked", todo: "Log in.", nextTryAt: start, cause };
const lost: Status = { state: "lost", protection: { state: "unknown", reason: "armed before" }, cause };
const armed: Status = {
	state: "alive",
	protection: { state: "armed", scope: "connection", exposureMs: 23_000, verifiedAt: start },
	ttlMs: 10_000,
};

/** One session that takes part in a leader election. */
class Play {
	readonly alerts: Alert[] = [];
	readonly #rules = new AlertRules({}, (alert) => this.alerts.push(alert));
	#ms = 0;
	#losses = 0;

	/** Publishes a status and keeps the session in it for this many seconds. */
	go(status: Status, seconds = 0, epoch?: number): this {
		if (status.state === "lost") this.#losses += 1;
		const tally = { beats: 1, losses: this.#losses, recoveries: 0 };
		const now = this.#now();
		const record = { type: "status", session: "hedge", at: now.wallMs, status, tally } as const;
		this.#rules.observe({ ...record, ...(epoch !== undefined && { epoch }) }, now);
		for (let second = 0; second <= seconds; second += 1) {
			this.#check(status);
			if (second < seconds) this.#ms += 1_000;
		}
		return this;
	}

	/** Returns the alerts since the last call: with + if they were raised, with - if they were resolved. */
	said(): string[] {
		return this.alerts.splice(0).map(({ record: { state, kind, severity, message } }) => {
			return `${state === "raised" ? "+" : "-"}${kind} ${severity}: ${message}`;
		});
	}

	#now(): Instant {
		return { monotonicMs: this.#ms, wallMs: start + this.#ms };
	}

	#check(status: Status): void {
		const isArmed = status.state === "alive";
		const view = {
			name: "hedge",
			venue: "deribit",
			ready: isArmed,
			armed: isArmed,
			needsHuman: status.state === "blocked",
			since: start,
			...(!isArmed && { notReadyReason: statusText(status) }),
			status,
			tally: { beats: 1, losses: this.#losses, recoveries: 0 },
			warnings: [],
		} as const;
		this.#rules.check([{ ...view, warnings: [] }], this.#now());
	}
}

it("AlertRules raises nothing for a session that another machine leads", () => {
	expect(new Play().go(elsewhere, 3_600).said()).toEqual([]);
});

it("AlertRules raises a `page` alert after exactly 60 s without a known leader, and resolves the alert once a leader is known", () => {
	const play = new Play().go(elsewhere, 100).go(unknown, 59);
	expect(play.said()).toEqual([]);
	expect(play.go(unknown, 1).said()).toEqual([
		"+not-ready page: not ready for 1 min: standby, and nobody knows who leads: connect ECONNREFUSED",
	]);
	expect(play.go(elsewhere, 60).said()).toEqual(["-not-ready page: another machine leads, after 1 min"]);
});

it("AlertRules begins to count the 60 s without a known leader at 0 again after a leader was known for five minutes", () => {
	expect(new Play().go(unknown, 50).go(elsewhere, 301).go(unknown, 59).said()).toEqual([]);
});

it("AlertRules raises one `info` alert that names the former leader when this agent takes over, and resolves it once the session is alive", () => {
	const play = new Play().go(elsewhere, 10).go(opening, 2, 7);
	expect(play.said()).toEqual(["+leader info: this agent leads now (epoch 7); desk-a/1 led before"]);
	expect(play.go(armed, 100, 7).said()).toEqual(["-leader info: alive again after 2 s"]);
	expect(play.go(opening, 1, 7).go(armed, 100, 7).said()).toEqual([]);
});

it("AlertRules raises nothing when this agent leads a session that was never standby, or when a standby session is stopped", () => {
	expect(new Play().go(opening, 1, 7).go(armed, 100, 7).said()).toEqual([]);
	const leaving: Status = { state: "leaving", cause };
	expect(new Play().go(elsewhere, 1, 5).go(leaving, 1, 5).said()).toEqual([]);
});

it("once another machine leads, AlertRules resolves the alert about a session loss that happened while this agent led", () => {
	const play = new Play().go(armed, 10, 5).go(lost, 0, 5);
	expect(play.said()).toEqual(["+loss warn: lost: another process leads now"]);
	expect(play.go(elsewhere, 3_600, 5).said()).toEqual(["-loss warn: another machine leads"]);
});

it("once another machine leads, AlertRules resolves the alert that a person has to act", () => {
	const play = new Play().go(blocked, 30);
	expect(play.said()).toHaveLength(1);
	expect(play.go(elsewhere, 60).said()).toEqual(["-needs-human page: another machine leads, after 30 s"]);
});

it("isLedElsewhere is false for a standby session without a known leader", () => {
	expect([elsewhere, unknown, armed].map((status) => isLedElsewhere({ status }))).toEqual([true, false, false]);
});

it("AlertRules reports a session as not ready when two machines lead it in turn and neither can open it", () => {
	const waiting: Status = { state: "waiting", why: "backoff", until: start, cause };
	const play = new Play();
	for (const epoch of [1, 3]) play.go(opening, 5, epoch).go(waiting, 30).go(elsewhere, 30);
	expect(play.said().filter((each) => each.startsWith("+not-ready page"))).toHaveLength(1);
});

it("AlertRules counts the time of not being ready from 0 again once another machine has led for five minutes", () => {
	const play = new Play().go(opening, 170, 5).go(elsewhere, 301);
	play.said();
	expect(
		play
			.go(opening, 20, 7)
			.said()
			.filter((each) => each.startsWith("+not-ready")),
	).toEqual([]);
});

it("isLeader is undefined for a session in the state `late`, because another process may lead by then", () => {
	const late = { state: "late", protection: { state: "unknown", reason: "late" }, lostAt: start, cause } as const;
	expect([armed, late].map((status) => isLeader({ status, epoch: 5 }))).toEqual([true, undefined]);
});
