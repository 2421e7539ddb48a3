import { type Instant, longestElapsedMs } from "@x/base/instant";
import type { Cause, Status, StatusRecord } from "@x/keepalive";
import type { AlertKind, AlertRecord } from "../agent/agent-record.ts";
import { isLeader, isLedElsewhere, type SessionView } from "../agent/session-view.ts";
import { durationText } from "../text/duration-text.ts";
import { type AlertText, type OpenAlert, shortText } from "./alert.ts";
import { Condition } from "./alert-condition.ts";
import type { SessionLimits } from "./alert-options.ts";

/** Alerts that are raised some time after a condition has begun, and resolved some time after it has ended. */
type TimedKind = "not-ready" | "needs-human" | "unarmed" | "exposure" | "drill";

/**
 * A session that needs a person raises an alert after this many milliseconds. The session checks every 10 s whether a person has logged in,
 * so this time is enough for three checks.
 */
const needsHumanAfterMs = 30_000;
/** Once another machine has led a session for this many milliseconds, the session counts as open on that machine. */
const settledMs = 300_000;
/** A missing protection raises an alert after this long, because arming the session again after a change takes a few seconds. */
const unarmedAfterMs = 10_000;
/**
 * An exposure above the limit raises an alert after this long. The exposure may exceed the limit for a moment, for example while the
 * venue's cancel window is set again.
 */
const exposureAfterMs = 30_000;
/**
 * A drill that is due raises an alert after this long. By then the alerts of an earlier process have been read, so after a restart the
 * same alert is not raised again.
 */
const drillAfterMs = 6_000;
/** A person is paged after a session was lost unexpectedly this many times within {@link unstableMs}. */
const unstableLosses = 5;
const unstableMs = 10 * 60_000;
/** A session that stays unstable pages a person at most once in this many milliseconds. */
const unstablePageEveryMs = 60 * 60_000;

/** An alert, not resolved yet, which says that the session was lost or that this process has become its leader. */
interface OpenLoss extends OpenAlert {
	/** How long the session must have been alive again before the alert is resolved. */
	readonly resolveAfterMs: number;
}

/** Receives the alerts that are raised and resolved. */
export interface SessionAlertSink {
	raise(kind: AlertKind, since: number, text: AlertText, now: Instant): OpenAlert;
	resolve(alert: OpenAlert, message: string, now: Instant): void;
}

/** The alerts of one session. */
export class SessionAlerts {
	readonly #sink: SessionAlertSink;
	readonly #conditions: Readonly<Record<TimedKind, Condition>> = {
		"not-ready": new Condition(),
		"needs-human": new Condition(),
		unarmed: new Condition(),
		exposure: new Condition(),
		drill: new Condition(),
	};
	readonly #open = new Map<TimedKind, OpenAlert>();
	#openLosses: OpenLoss[] = [];
	#countedLosses = 0;
	/** The times of the latest unexpected losses of the session, the oldest first. */
	#lossTimes: Instant[] = [];
	#pagedUnstableAt: Instant | undefined;
	/** True after a loss that the venue had announced, until the session is ready again. */
	#isOutageExpected = false;
	#aliveSince: Instant | undefined;
	/** When another machine began to run the session; undefined while no machine is known to run it. */
	#elsewhereSince: Instant | undefined;
	/** The latest status `standby`, which means that another process may lead. It is stored until this process leads. */
	#standby: Extract<Status, { readonly state: "standby" }> | undefined;

	constructor(sink: SessionAlertSink) {
		this.#sink = sink;
	}

	/** Takes over an alert that an earlier process did not resolve. */
	adopt(record: AlertRecord, now: Instant): void {
		const { alertId, kind, severity, at } = record;
		const open = { alertId, kind, severity, since: at };
		if (kind === "loss" || kind === "expected-loss" || kind === "leader") {
			this.#openLosses.push({ ...open, resolveAfterMs: 0 });
		} else if (kind === "agent") {
			return;
		} else if (this.#open.has(kind)) {
			this.#sink.resolve(open, "raised again since the agent was started", now);
		} else {
			this.#conditions[kind].adopt({ ...now, wallMs: at });
			this.#open.set(kind, open);
		}
	}

	/** Has to be called with each status record of the session. */
	observe({ status, tally, at, epoch }: StatusRecord, now: Instant): void {
		const losses = tally.losses - this.#countedLosses;
		this.#countedLosses = tally.losses;
		const cause = "cause" in status ? status.cause : undefined;
		for (let loss = 0; loss < losses; loss += 1) this.#lost(cause, at, now);
		if (status.state === "standby") this.#standby = status;
		else if (epoch !== undefined && isLeader({ status, epoch })) this.#tookOver(epoch, at, now);
		if (status.state === "alive") this.#aliveSince ??= now;
		else this.#aliveSince = undefined;
		if (isLedElsewhere({ status })) this.#resolveAllLosses(now);
		this.#resolveLosses(now);
		if (status.state === "stopped" && status.why === "asked") this.#silence(now);
	}

	/** Has to be called with the current state of the session, at least every few seconds. */
	check(view: SessionView, limits: SessionLimits, now: Instant): void {
		const { status, ready } = view;
		if (status.state === "stopped" && status.why === "asked") {
			this.#silence(now);
			return;
		}
		if (status.state === "leaving") return;
		this.#resolveLosses(now);
		const conditions = this.#conditions;
		const limitMs = this.#isOutageExpected ? limits.expectedMs : limits.notReadyMs;
		const isAlive = status.state === "alive";
		// If another machine runs the session, that machine raises the alerts about it.
		const isElsewhere = isLedElsewhere(view);

		const isFatal = status.state === "stopped";
		if (isFatal || status.state === "blocked" || isAlive || isElsewhere) {
			const isPatient = this.#isOutageExpected && conditions["not-ready"].heldMs(now) < limitMs;
			const afterMs = isFatal ? 0 : isPatient ? Number.POSITIVE_INFINITY : needsHumanAfterMs;
			this.#update("needs-human", !isAlive && !isElsewhere, afterMs, view, now);
		}
		if (isAlive && status.protection.state !== "unknown") {
			this.#update("unarmed", status.protection.state === "unarmed", unarmedAfterMs, view, now);
		}
		if (isElsewhere) {
			this.#update("unarmed", false, unarmedAfterMs, view, now);
			this.#isOutageExpected = false;
		}
		const exposureMs = view.exposure && Math.max(view.exposure.processDeathMs, view.exposure.networkDeathMs);
		if (view.armed && exposureMs !== undefined) {
			this.#update("exposure", exposureMs > limits.exposureMs, exposureAfterMs, view, now);
		}
		this.#update("drill", view.drillDueReason !== undefined, drillAfterMs, view, now);
		// The alert "not ready" is not raised while a more specific alert is raised, or is about to be raised.
		const isWaiting = status.state === "blocked" || status.state === "opening";
		const isPending = isWaiting && conditions["needs-human"].since !== undefined;
		const isTold = isPending || this.#open.has("needs-human") || this.#open.has("unarmed");
		if (isElsewhere) this.#elsewhereSince ??= now;
		else this.#elsewhereSince = undefined;
		// When neither of two machines can open the session, they pass the lead back and forth. If every change of the leader reset the time of
		// not being ready, no alert would be raised. So this time is reset only after another machine has led for long enough.
		const isSettled = this.#elsewhereSince && longestElapsedMs(this.#elsewhereSince, now) >= settledMs;
		if (!isElsewhere || isSettled || this.#open.has("not-ready")) {
			this.#update("not-ready", !ready && !isElsewhere, isTold ? Number.POSITIVE_INFINITY : limitMs, view, now);
		}
		if (ready) this.#isOutageExpected = false;
	}

	#update(kind: TimedKind, holds: boolean, raiseAfterMs: number, view: SessionView, now: Instant): void {
		const condition = this.#conditions[kind];
		const { since, overSince } = condition;
		const change = condition.update(holds, now, raiseAfterMs);
		const startedAt = condition.since ?? since ?? now.wallMs;
		if (change === "raised") {
			this.#open.set(kind, this.#sink.raise(kind, startedAt, textOf(kind, view, now.wallMs - startedAt), now));
		}
		const open = this.#open.get(kind);
		if (change !== "resolved" || !open) return;
		this.#open.delete(kind);
		const lastedMs = (overSince ?? now.wallMs) - startedAt;
		const how = kind !== "drill" && isLedElsewhere(view) ? "another machine leads," : overTexts[kind];
		this.#sink.resolve(open, `${how} after ${durationText(lastedMs)}`, now);
	}

	/**
	 * Has to be called with each status that shows this process as the leader. If the last status before was `standby`, an alert says that
	 * this process leads now. That alert is resolved once the session is alive.
	 */
	#tookOver(epoch: number, at: number, now: Instant): void {
		if (!this.#standby) return;
		const { leader: before } = this.#standby;
		this.#standby = undefined;
		const earlier = before ? `${before.holder} led before` : "nobody was known to lead before";
		const text = { severity: "info", message: `this agent leads now (epoch ${epoch}); ${earlier}` } as const;
		this.#openLosses.push({ ...this.#sink.raise("leader", at, text, now), resolveAfterMs: 0 });
	}

	#lost(cause: Cause | undefined, at: number, now: Instant): void {
		const isExpected = cause?.isExpected === true;
		this.#isOutageExpected = isExpected;
		this.#aliveSince = undefined;
		const why = shortText(cause?.message ?? "the reason is not known");
		const text = isExpected
			? ({ severity: "info", message: `lost as the venue had planned: ${why}` } as const)
			: this.#unexpectedLoss(why, now);
		const open = this.#sink.raise(isExpected ? "expected-loss" : "loss", at, text, now);
		// A `page` alert about too many losses is resolved only after the session has been alive without a loss for `unstableMs`.
		this.#openLosses.push({ ...open, resolveAfterMs: text.severity === "page" ? unstableMs : 0 });
	}

	#unexpectedLoss(why: string, now: Instant): AlertText {
		this.#lossTimes = [...this.#lossTimes.filter((each) => longestElapsedMs(each, now) < unstableMs), now];
		const count = this.#lossTimes.length;
		if (count < unstableLosses) return { severity: "warn", message: `lost: ${why}` };
		const paged = this.#pagedUnstableAt;
		if (paged && longestElapsedMs(paged, now) < unstablePageEveryMs) {
			return { severity: "info", message: `lost again, ${count} times within 10 min: ${why}` };
		}
		this.#pagedUnstableAt = now;
		const message = `lost ${count} times within 10 min, the last time: ${why}`;
		return { severity: "page", message, todo: "Look into the cause: the session does not stay alive." };
	}

	#resolveLosses(now: Instant): void {
		const aliveSince = this.#aliveSince;
		if (!aliveSince || this.#openLosses.length === 0) return;
		const aliveMs = longestElapsedMs(aliveSince, now);
		const isOver = ({ resolveAfterMs }: OpenLoss): boolean => aliveMs >= resolveAfterMs;
		const over = this.#openLosses.filter(isOver);
		this.#openLosses = this.#openLosses.filter((loss) => !isOver(loss));
		for (const loss of over) {
			const awayMs = aliveSince.wallMs - loss.since;
			this.#sink.resolve(loss, `alive again after ${durationText(awayMs)}`, now);
		}
	}

	/** Resolves all alerts about losses: another machine leads the session, so the session will not become alive in this process. */
	#resolveAllLosses(now: Instant): void {
		const over = this.#openLosses;
		this.#openLosses = [];
		for (const loss of over) this.#sink.resolve(loss, "another machine leads", now);
	}

	/** Resolves all alerts, because the session was stopped on request. */
	#silence(now: Instant): void {
		for (const condition of Object.values(this.#conditions)) condition.end();
		const open = [...this.#open.values(), ...this.#openLosses];
		this.#open.clear();
		this.#openLosses = [];
		this.#isOutageExpected = false;
		for (const alert of open) this.#sink.resolve(alert, "stopped on request", now);
	}
}

const overTexts: Readonly<Record<TimedKind, string>> = {
	"not-ready": "ready again",
	"needs-human": "alive again",
	unarmed: "armed again",
	exposure: "the exposure is within its limit again,",
	drill: "proved by a drill again",
};

function textOf(kind: TimedKind, view: SessionView, heldMs: number): AlertText {
	const { status, exposure, notReadyReason, drillDueReason } = view;
	const why = shortText(notReadyReason ?? "the reason is not known");
	switch (kind) {
		case "not-ready":
			return { severity: "page", message: `not ready for ${durationText(heldMs)}: ${why}` };
		case "needs-human": {
			const cause = "cause" in status ? shortText(status.cause.message) : why;
			if (status.state === "blocked") {
				return { severity: "page", message: `a person has to act: ${cause}`, todo: shortText(status.todo) };
			}
			return {
				severity: "page",
				message: `stopped for good: ${cause}`,
				todo: "Fix the cause, then restart the agent.",
			};
		}
		case "unarmed":
			return {
				severity: "page",
				message: `alive, but its orders are not protected: ${why}`,
				todo: "Fix the reason so that the session is armed again, or cancel its working orders.",
			};
		case "drill":
			return {
				severity: "warn",
				message: `a drill is due: ${drillDueReason ?? "the reason is not known"}`,
				todo: "Prove at a test system, with `keepalive drill`, that the venue cancels the orders when the session is lost.",
			};
		case "exposure": {
			const { processDeathMs = 0, networkDeathMs = 0 } = exposure ?? {};
			const lasting = durationText(Math.max(processDeathMs, networkDeathMs));
			return {
				severity: "warn",
				message: `orders may stay in the book up to ${lasting} after the process or the network dies, longer than exposureSeconds allows`,
			};
		}
	}
}
