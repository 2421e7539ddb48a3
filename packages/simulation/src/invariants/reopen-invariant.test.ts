import type { Status, StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { ReopenInvariant } from "./reopen-invariant.ts";

const epoch = 1_000_000_000;
const windowMs = 10_000;
const cause = { name: "Error", message: "gone" };
const armed: Status = {
	state: "alive",
	protection: { state: "armed", scope: "", exposureMs: 0, verifiedAt: epoch },
	ttlMs: 1_000,
};
const unarmed: Status = { ...armed, protection: { state: "unknown", reason: "" } };
const waiting = (why: "backoff" | "venue"): Status => ({ state: "waiting", why, until: epoch, cause });
const record = (status: Status): StatusRecord => {
	return { type: "status", at: epoch, session: "bybit", status, tally: { beats: 0, losses: 0, recoveries: 0 } };
};

/** A session that begins with the status `first` and is protected by the venue. Its connection dropped 60 s after the start. */
async function dropped(first: Status = armed) {
	const world = new World(epoch);
	const journal = new Journal(() => world.now);
	let state: "armed" | "counting" | "triggered" = "armed";
	let status: Status | undefined = first;
	const route = { droppedAt: 60_000 };
	const setup = { name: "bybit", countdown: () => ({ state, windowMs }), route };
	const invariant = new ReopenInvariant(setup, world, journal, () => status && record(status));
	const at = async (ms: number, next: typeof state, shown: Status | undefined): Promise<void> => {
		await world.run(ms);
		state = next;
		status = shown;
		if (shown) invariant.recorded(record(shown));
		invariant.check();
	};
	await at(59_000, "armed", first);
	await at(60_000, "counting", waiting("backoff"));
	return { world, invariant, route, at, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("ReopenInvariant", () => {
	it("ReopenInvariant reports once that the venue cancelled orders because a session did not reopen in time after its connection dropped", async () => {
		const { at, rules } = await dropped();
		await at(70_000, "triggered", waiting("backoff"));
		await at(71_000, "triggered", waiting("backoff"));
		expect(rules()).toEqual(["m-window-missed"]);
	});

	it("ReopenInvariant reports nothing when the session is open again before the venue's countdown has ended", async () => {
		const { at, rules } = await dropped();
		await at(69_999, "armed", armed);
		await at(75_000, "counting", waiting("backoff"));
		await at(84_000, "armed", armed);
		expect(rules()).toEqual([]);
	});

	it("ReopenInvariant reports a session that reopens too late only if no other fault was in effect when its connection dropped", async () => {
		const during = await dropped();
		during.invariant.markOtherFault(60_000);
		await during.at(70_000, "triggered", waiting("backoff"));
		expect(during.rules()).toEqual([]);
		const before = await dropped();
		before.invariant.markOtherFault(60_000);
		await before.at(70_001, "triggered", waiting("backoff"));
		expect(before.rules()).toEqual(["m-window-missed"]);
	});

	it("ReopenInvariant reports nothing for a session that the venue asked to wait, that was not armed, or that no process runs", async () => {
		const asked = await dropped();
		await asked.at(62_000, "counting", waiting("venue"));
		await asked.at(70_000, "triggered", waiting("backoff"));
		const before = await dropped(unarmed);
		await before.at(70_000, "triggered", waiting("backoff"));
		const gone = await dropped();
		gone.invariant.processStarted();
		await gone.at(70_000, "triggered", waiting("backoff"));
		const stopped = await dropped();
		await stopped.at(70_000, "triggered", undefined);
		expect([asked, before, gone, stopped].flatMap(({ rules }) => rules())).toEqual([]);
	});

	it("ReopenInvariant reports nothing if another connection of the session dropped more than a second after the first one", async () => {
		for (const [droppedAt, expected] of [
			[61_000, ["m-window-missed"]],
			[61_001, []],
		] as const) {
			const { route, at, rules } = await dropped();
			route.droppedAt = droppedAt;
			await at(70_000, "triggered", waiting("backoff"));
			expect(rules()).toEqual(expected);
		}
	});

	it("ReopenInvariant reports nothing if the machine was stalled or suspended, or its clock was set, during the venue's countdown", async () => {
		const { world, at, rules } = await dropped();
		world.machine.step(1);
		await at(70_000, "triggered", waiting("backoff"));
		expect(rules()).toEqual([]);
	});
});
