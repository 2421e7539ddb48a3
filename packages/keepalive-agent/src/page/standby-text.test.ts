import { describe, expect, it } from "vitest";
import {
	levelOf,
	overviewOf,
	type Session,
	stateText,
	statusLine,
	verdictOf,
	wrongWith,
} from "../../page/status-text.js";

const cause = { name: "Standby", message: "hedge: another process leads (epoch 6)." };
const since = new Date().setHours(3, 0, 0, 0);
const elsewhere = { state: "standby", leader: { holder: "desk-a/1", epoch: 6, since }, cause } as const;
const nobody = { state: "standby", cause: { name: "Error", message: "connect ECONNREFUSED." } } as const;
const protection = { state: "armed", scope: "connection", exposureMs: 23_000, verifiedAt: since } as const;
const alive = { state: "alive", protection, ttlMs: 10_000 } as const;

const session = (status: Session["status"], isReady = false): Session => ({
	name: "hedge",
	venue: "deribit",
	ready: isReady,
	armed: isReady,
	needsHuman: false,
	since,
	...(!isReady && { notReadyReason: "standby" }),
	status,
	tally: { beats: 0, losses: 0, recoveries: 0 },
	exposure: { processDeathMs: 0, networkDeathMs: 23_000 },
	warnings: [],
});

describe("a session that another machine leads", () => {
	it("a standby session is shown neither as armed nor as an alarm, but with the machine that leads it and since when", () => {
		const shown = session(elsewhere);
		expect([levelOf(shown), verdictOf(shown), wrongWith(shown)]).toEqual(["standby", "Standby", undefined]);
		expect(stateText(elsewhere, since)).toMatch(/^standby: desk-a\/1 leads since .*03:00:00 \(epoch 6\)$/);
		expect(statusLine(elsewhere)).toBe(stateText(elsewhere, since));
	});

	it.each([
		[[elsewhere, elsewhere], "standby", "All standby"],
		[[elsewhere, alive], "armed", "1 armed, 1 standby"],
		[[elsewhere, alive, nobody], "bad", "NOT armed: 1 of 3"],
	])("a standby session is counted as standby at the top of the page (%#)", (statuses, level, title) => {
		const sessions = statuses.map((status) => session(status, status.state === "alive"));
		expect(overviewOf(sessions)).toMatchObject({ level, title, detail: expect.stringContaining("1 standby".slice(1)) });
	});
});

it("a session without a known leader is shown as an alarm", () => {
	const shown = session(nobody);
	expect([levelOf(shown), verdictOf(shown)]).toEqual(["bad", "NOT armed"]);
	expect(wrongWith(shown)).toBe("Nobody knows which machine runs this session: connect ECONNREFUSED.");
	expect(statusLine(nobody)).toBe("standby, and nobody knows who leads: connect ECONNREFUSED.");
});
