import type { Instant } from "@x/base/instant";
import type { Status } from "@x/keepalive";
import { beforeEach, describe, expect, it } from "vitest";
import type { AgentEventRecord } from "../agent/agent-record.ts";
import { type SessionView, statusText } from "../agent/session-view.ts";
import type { Alert } from "./alert.ts";
import type { AlertRuleOptions } from "./alert-options.ts";
import { AlertRules } from "./alert-rules.ts";

const start = Date.parse("2026-03-10T03:00:00Z");
const cause = { name: "SessionError", message: "connection closed" };
const armed: Status = {
	state: "alive",
	protection: { state: "armed", scope: "connection", exposureMs: 23_000, verifiedAt: start },
	ttlMs: 10_000,
};
const unproved: Status = { ...armed, protection: { state: "unknown", reason: "no pong" } };
const unarmed: Status = { ...armed, protection: { state: "unarmed", reason: "switched off" } };
const unsupported: Status = { ...armed, protection: { state: "unsupported", reason: "IBKR has none" } };
const lost: Status = { state: "lost", protection: { state: "unknown", reason: "armed before" }, cause };
const planned: Status = { ...lost, cause: { ...cause, kind: "venue", isExpected: true } };
const opening: Status = { state: "opening", attempt: 1 };
const waiting: Status = { state: "waiting", why: "backoff", until: start, cause };
const blocked: Status = { state: "blocked", todo: "log in", nextTryAt: start, cause };
const closed = { orders: "kept", detail: "left" } as const;
const leaving: Status = { state: "leaving", cause };
const stopped: Status = { state: "stopped", why: "asked", closed };
const fatal: Status = { state: "stopped", why: "fatal", cause: { ...cause, message: "wrong key" }, closed };

/** Sets the status of one session, and checks the alert rules once per second of a fake clock. The agent checks once per second too. */
class Play {
	readonly rules: AlertRules;
	readonly alerts: Alert[] = [];
	readonly #venue: SessionView["venue"];
	#ms = 0;
	#losses = 0;
	status: Status = opening;
	exposureMs = 23_000;
	drillDueReason: string | undefined;

	constructor(options: AlertRuleOptions = {}, venue: SessionView["venue"] = "deribit") {
		this.#venue = venue;
		this.rules = new AlertRules(options, (alert) => this.alerts.push(alert));
	}

	get now(): Instant {
		return { monotonicMs: this.#ms, wallMs: start + this.#ms };
	}

	/** Publishes a status and keeps the session in it for this many seconds. */
	go(status: Status, seconds = 0): this {
		this.status = status;
		if (status.state === "lost") this.#losses += 1;
		const tally = { beats: 1, losses: this.#losses, recoveries: 0 };
		this.rules.observe({ type: "status", session: "hedge", at: this.now.wallMs, status, tally }, this.now);
		this.#check();
		for (let second = 0; second < seconds; second += 1) {
			this.#ms += 1_000;
			this.#check();
		}
		return this;
	}

	agent(event: AgentEventRecord["event"], part: AgentEventRecord["part"], seconds = 0): this {
		const record = { type: "agent", at: this.now.wallMs, event, detail: "it is so", ...(part && { part }) } as const;
		this.rules.observe(record, this.now);
		return this.go(this.status, seconds);
	}

	/** Returns the alerts since the last call: with + if they were raised, with - if they were resolved. */
	said(): string[] {
		return this.alerts
			.splice(0)
			.map(({ record: { state, kind, severity } }) => `${state === "raised" ? "+" : "-"}${kind} ${severity}`);
	}

	#check(): void {
		const { status } = this;
		const isArmed = status.state === "alive" && status.protection.state === "armed";
		const ready = isArmed || (status.state === "alive" && status.protection.state === "unsupported");
		const view: SessionView = {
			name: "hedge",
			venue: this.#venue,
			ready,
			armed: isArmed,
			needsHuman: false,
			since: start,
			...(!ready && { notReadyReason: statusText(status) }),
			status,
			tally: { beats: 1, losses: this.#losses, recoveries: 0 },
			exposure: { processDeathMs: 12_000, networkDeathMs: this.exposureMs },
			...(this.drillDueReason !== undefined && { drillDueReason: this.drillDueReason }),
			warnings: [],
		};
		this.rules.check([view], this.now);
	}
}

let play: Play;
beforeEach(() => {
	play = new Play();
});

describe("AlertRules about a session that is not ready", () => {
	it("a `page` alert is raised after exactly 60 s of not being ready, and resolved 60 s after the session is ready again", () => {
		expect(play.go(armed, 100).go(unproved, 59).said()).toEqual([]);
		expect(play.go(unproved, 1).said()).toEqual(["+not-ready page"]);
		expect(play.go(unproved, 600).go(armed, 59).said()).toEqual([]);
		play.go(armed, 1);
		expect(play.alerts[0]?.record).toMatchObject({ state: "resolved", message: "ready again after 11 min" });
		expect(play.said()).toEqual(["-not-ready page"]);
	});

	it("an alert has the same id when it is raised and when it is resolved, and the next alert gets another id", () => {
		play.go(unproved, 60).go(armed, 60).go(unproved, 60);
		const ids = play.alerts.map(({ record }) => record.alertId);
		expect(ids[0]).toBe(ids[1]);
		expect(new Set(ids).size).toBe(2);
	});

	it("an alert says since when the session is not ready, why, and how long its orders would stay in the book if the process died", () => {
		play.go(armed, 10).go(unproved, 60);
		expect(play.alerts[0]).toMatchObject({
			record: { session: "hedge", message: "not ready for 1 min: unknown: no pong" },
			since: start + 10_000,
			venue: "deribit",
			exposure: { networkDeathMs: 23_000 },
		});
	});

	it("a session that never opens raises a `page` alert 60 s after the start", () => {
		expect(play.go(opening, 59).said()).toEqual([]);
		expect(play.go(opening, 1).said()).toEqual(["+not-ready page"]);
	});

	it("the 60 s until a `page` alert are counted from 0 again if the session was ready for a moment", () => {
		expect(play.go(unproved, 50).go(armed, 1).go(unproved, 59).said()).toEqual([]);
	});

	it("a session at IBKR counts as ready when it is alive without protection, and raises a `page` alert after 180 s of not being ready", () => {
		play = new Play({}, "ibkr");
		expect(play.go(unsupported, 1_000).go(opening, 179).said()).toEqual([]);
		expect(play.go(opening, 1).said()).toEqual(["+not-ready page"]);
	});

	it("notReadySeconds of one session takes precedence over notReadySeconds of all sessions", () => {
		play = new Play({
			notReadySeconds: 30,
			sessions: { hedge: { notReadySeconds: 10 }, other: { notReadySeconds: 5 } },
		});
		expect(play.go(opening, 9).said()).toEqual([]);
		expect(play.go(opening, 1).said()).toEqual(["+not-ready page"]);
		play = new Play({ notReadySeconds: 30 });
		expect(play.go(opening, 29).said()).toEqual([]);
		expect(play.go(opening, 1).said()).toEqual(["+not-ready page"]);
	});

	it("a changed `notReadySeconds` applies at once, but does not resolve an alert that is already raised", () => {
		play.go(opening, 20);
		play.rules.replace({ notReadySeconds: 15 });
		expect(play.go(opening, 1).said()).toEqual(["+not-ready page"]);
		play.rules.replace({ notReadySeconds: 500 });
		expect(play.go(opening, 100).said()).toEqual([]);
	});

	it("a session that alternates between ready and not ready for twelve hours raises only two `page` alerts", () => {
		let pages = 0;
		for (let minute = 0; minute < 12 * 60; minute += 3) {
			play.go(unproved, 80).go(armed, 100);
			pages += play.said().filter((each) => each.startsWith("+")).length;
		}
		expect(pages).toBe(2);
		play.go(armed, 3_600);
		expect(play.said()).toEqual(["-not-ready page"]);
	});

	it("the time for which the machine was suspended counts as time of not being ready", () => {
		play.go(unproved, 1);
		const { now } = play;
		play.rules.check([], now);
		const later = { monotonicMs: now.monotonicMs + 1_000, wallMs: now.wallMs + 3_600_000 };
		const view = { name: "hedge", venue: "deribit", ready: false, armed: false, needsHuman: false } as const;
		const rest = { since: 0, status: unproved, tally: { beats: 1, losses: 0, recoveries: 0 }, warnings: [] };
		play.rules.check([{ ...view, ...rest }], later);
		expect(play.said()).toEqual(["+not-ready page"]);
	});

	it("stopping a session on request resolves its alerts at once, and a session that is closing raises no alert", () => {
		play.go(unproved, 60).said();
		expect(play.go(leaving, 200).said()).toEqual([]);
		expect(play.go(stopped, 3_600).said()).toEqual(["-not-ready page"]);
		expect(new Play().go(armed).go(leaving, 300).go(stopped, 3_600).said()).toEqual([]);
	});
});

describe("AlertRules about the loss of a session", () => {
	it("a session loss of 3 s raises one warning, which is resolved once, and no `page` alert", () => {
		play.go(armed, 100).go(lost).go(waiting, 1).go(opening, 2);
		expect(play.said()).toEqual(["+loss warn"]);
		expect(play.go(armed, 600).said()).toEqual(["-loss warn"]);
	});

	it("the message of a resolved loss alert says for how long the session was not alive", () => {
		play.go(armed, 100).go(lost, 3).go(armed);
		expect(play.alerts[1]?.record.message).toBe("alive again after 3 s");
	});

	it("a session that is not alive again 60 s after a loss raises a `page` alert", () => {
		expect(play.go(armed, 9).go(lost).go(opening, 60).said()).toEqual(["+loss warn", "+not-ready page"]);
	});

	it("a session loss that the venue had announced raises an `info` alert at once, and a `page` alert only after 900 s", () => {
		play = new Play({}, "ibkr");
		expect(play.go(unsupported, 9).go(planned).go(waiting, 899).said()).toEqual(["+expected-loss info"]);
		expect(play.go(waiting, 1).said()).toEqual(["+not-ready page"]);
		expect(play.go(unsupported, 60).said()).toEqual(["-expected-loss info", "-not-ready page"]);
		expect(play.go(opening, 180).said()).toEqual(["+not-ready page"]);
	});

	it("an unexpected session loss raises a `page` alert after 60 s, even if the loss before it was announced and had a limit of 900 s", () => {
		play.go(armed, 9).go(planned, 100).go(opening, 100).go(armed);
		expect(play.go(lost).go(opening, 60).said().slice(-2)).toEqual(["+loss warn", "+not-ready page"]);
	});

	it("every session loss raises one alert: the first four within ten minutes a warning, the fifth a `page` alert, and later ones an `info` alert", () => {
		play.go(armed, 10);
		for (let times = 0; times < 20; times += 1) play.go(lost, 3).go(armed, 17);
		const said = play.said();
		expect(said.filter((each) => each === "+loss warn")).toHaveLength(4);
		expect(said.filter((each) => each === "+loss page")).toHaveLength(1);
		expect(said.filter((each) => each === "+loss info")).toHaveLength(15);
		expect(said.filter((each) => each.startsWith("-"))).toHaveLength(19);
		expect(play.go(armed, 583).said()).toEqual(["-loss page"]);
	});

	it("five session losses raise no `page` alert if more than ten minutes lie between the first and the fifth", () => {
		play.go(armed, 10);
		for (let times = 0; times < 20; times += 1) play.go(lost, 3).go(armed, 148);
		expect(new Set(play.said())).toEqual(new Set(["+loss warn", "-loss warn"]));
	});

	it("one status record that counts two session losses raises two alerts", () => {
		const tally = { beats: 1, losses: 2, recoveries: 0 };
		play.rules.observe({ type: "status", session: "hedge", at: start, status: lost, tally }, play.now);
		expect(play.said()).toEqual(["+loss warn", "+loss warn"]);
	});

	it("the alert about a session loss is resolved when the session is stopped on request", () => {
		play.go(armed, 10).go(lost, 5).said();
		expect(play.go(stopped, 100).said()).toEqual(["-loss warn"]);
	});
});

describe("AlertRules about what a person has to do", () => {
	it("after exactly 30 s, a blocked session raises a `page` alert that says what to do, and no alert about not being ready", () => {
		expect(play.go(blocked, 29).said()).toEqual([]);
		play.go(blocked, 1);
		expect(play.alerts[0]?.record).toMatchObject({ kind: "needs-human", todo: "log in" });
		expect(play.said()).toEqual(["+needs-human page"]);
		for (let times = 0; times < 60; times += 1) play.go(opening, 5).go(blocked, 60);
		expect(play.go(waiting, 600).said()).toEqual([]);
		expect(play.go(armed, 60).said()).toEqual(["-needs-human page"]);
	});

	it("a session blocked after an announced loss raises a `page` alert only after 900 s, because logins fail for minutes after a reset", () => {
		play.go(armed, 9).go(planned).said();
		for (let times = 0; times < 14; times += 1) play.go(opening, 4).go(blocked, 60);
		expect(play.said()).toEqual([]);
		expect(play.go(blocked, 8).said()).toEqual(["+needs-human page"]);
	});

	it("a session that was stopped by a fatal error raises a `page` alert at once", () => {
		play.go(armed, 9).go(leaving, 3).go(fatal);
		expect(play.alerts[0]?.record.message).toBe("stopped for good: wrong key");
		expect(play.go(fatal, 3_600).said()).toEqual(["+needs-human page"]);
	});
});

describe("AlertRules about the protection", () => {
	it("a protection that is proved to be off raises one `page` alert, after exactly 10 s, and no alert about not being ready", () => {
		expect(play.go(armed, 9).go(unarmed, 9).said()).toEqual([]);
		expect(play.go(unarmed, 3_600).said()).toEqual(["+unarmed page"]);
		expect(play.go(unproved, 30).said()).toEqual([]);
		expect(play.go(armed, 60).said()).toEqual(["-unarmed page"]);
	});

	it("a session at a venue that has no protection raises no alert about missing protection", () => {
		play = new Play({}, "ibkr");
		expect(play.go(unsupported, 3_600).said()).toEqual([]);
	});

	it("a due drill raises a warning that names the reason; the warning is resolved after a new drill", () => {
		const play = new Play();
		expect(play.go(armed, 600).said()).toEqual([]);
		play.drillDueReason = "the last drill with --kill kill had the verdict not-fired";
		play.go(armed, 600);
		expect(play.alerts[0]?.record.message).toBe(
			"a drill is due: the last drill with --kill kill had the verdict not-fired",
		);
		expect(play.said()).toEqual(["+drill warn"]);
		play.drillDueReason = undefined;
		expect(play.go(armed, 61).said()).toEqual(["-drill warn"]);
	});

	it("an exposure above the configured limit raises a warning after 30 s; without a configured limit, no exposure raises a warning", () => {
		expect(play.go(armed, 3_600).said()).toEqual([]);
		play = new Play({ exposureSeconds: 23 });
		expect(play.go(armed, 600).said()).toEqual([]);
		play.exposureMs = 23_001;
		expect(play.go(armed, 29).said()).toEqual([]);
		expect(play.go(armed, 2).said()).toEqual(["+exposure warn"]);
		play.exposureMs = 23_000;
		expect(play.go(armed, 61).said()).toEqual(["-exposure warn"]);
	});
});

describe("AlertRules about a fault of the agent itself", () => {
	it("a degraded part of the agent raises one alert, which is resolved a minute after the part has recovered", () => {
		play.agent("degraded", "history", 10).agent("degraded", "history", 3_600);
		expect(play.said().filter((each) => each.includes("agent"))).toEqual(["+agent warn"]);
		play.agent("recovered", "history", 60);
		expect(play.said()).toEqual(["-agent warn"]);
	});

	it("the alert about one part stays raised when another part recovers", () => {
		play.go(armed).agent("degraded", "history").said();
		expect(play.agent("recovered", "state", 600).agent("recovered", undefined, 600).said()).toEqual([]);
	});

	it("an alert about a single event, such as the death of a worker or the kill of an earlier agent, is resolved after ten minutes", () => {
		for (const event of ["worker-died", "found-dead", "degraded"] as const) {
			play = new Play().go(armed).agent(event, undefined, 300).agent(event, undefined, 659);
			expect(play.said()).toEqual(["+agent warn"]);
			expect(play.go(armed, 1).said()).toEqual(["-agent warn"]);
		}
	});

	it("starting, reloading and stopping the agent raise no alert", () => {
		for (const event of ["started", "reloaded", "stopping", "stopped"] as const)
			play.go(armed).agent(event, undefined, 100);
		expect(play.said()).toEqual([]);
	});

	it("a channel that accepts no messages raises one alert, which names the channel and is resolved a minute after it has accepted a message", () => {
		play.go(armed);
		play.rules.deliveryFailed("team", "HTTP 500", play.now);
		play.rules.deliveryFailed("team", "HTTP 500", play.now);
		expect(play.alerts[0]).toMatchObject({
			aboutChannel: "team",
			record: { message: expect.stringContaining("team") },
		});
		expect(play.go(armed, 3_600).said()).toEqual(["+agent warn"]);
		play.rules.deliveryWorks("team");
		expect(play.go(armed, 61).alerts).toMatchObject([{ aboutChannel: "team", record: { state: "resolved" } }]);
	});
});

describe("AlertRules after a restart of the agent", () => {
	const configured = new Map([["hedge", "deribit"]]);

	it("every alert of a session that was removed from the configuration is resolved at once", () => {
		play.go(armed).go(lost).go(opening, 60);
		const before = play.alerts.map(({ record }) => record);
		expect(play.said()).toEqual(["+loss warn", "+not-ready page"]);
		play = new Play();
		play.rules.adopt(before, new Map([["other", "deribit"]]), play.now);
		const message = "the session was removed from the configuration";
		expect(play.alerts.map(({ record }) => record)).toMatchObject(
			before.map(({ alertId }) => ({ alertId, session: "hedge", state: "resolved", message })),
		);
	});

	it("an alert that was raised before the restart is not raised again, and keeps its old id when it is resolved", () => {
		play.go(opening, 60);
		play.rules.deliveryFailed("team", "HTTP 500", play.now);
		const before = play.alerts.map(({ record }) => record);
		play = new Play();
		play.rules.adopt(before, configured, play.now);
		expect(play.said()).toEqual(["-agent warn"]);
		play.go(opening, 600);
		expect(play.said()).toEqual([]);
		play.go(armed, 60);
		expect(play.alerts).toMatchObject([{ record: { state: "resolved", alertId: before[0]?.alertId } }]);
	});

	it("the alert about a due drill is not raised again, even if the alerts from before the restart are read only after 5 s", () => {
		play.drillDueReason = "there was no drill yet";
		const before = play.go(armed, 6).alerts.map(({ record }) => record);
		expect(play.said()).toEqual(["+drill warn"]);
		play = new Play();
		play.drillDueReason = "there was no drill yet";
		play.go(armed, 5);
		play.rules.adopt(before, configured, play.now);
		expect(play.go(armed, 600).said()).toEqual([]);
		play.drillDueReason = undefined;
		expect(play.go(armed, 61).alerts).toMatchObject([{ record: { state: "resolved", alertId: before[0]?.alertId } }]);
	});

	it("if an alert is raised again before the alerts from before the restart are read, the earlier alert is resolved", () => {
		const before = play.go(fatal).alerts.map(({ record }) => record);
		expect(play.said()).toEqual(["+needs-human page"]);
		play = new Play();
		expect(play.go(fatal).said()).toEqual(["+needs-human page"]);
		play.rules.adopt(before, configured, play.now);
		expect(play.alerts).toMatchObject([{ record: { state: "resolved", alertId: before[0]?.alertId } }]);
	});

	it("the alert about a session loss before the restart is resolved once the session is alive", () => {
		play.go(armed).go(lost);
		const before = play.alerts.map(({ record }) => record);
		play = new Play();
		play.rules.adopt(before, configured, play.now);
		expect(play.go(opening, 5).go(armed).said()).toEqual(["-loss warn"]);
	});
});
