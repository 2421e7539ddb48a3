import type { Protection, Status, StatusRecord } from "@x/keepalive";
import { expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { ibkrSetup } from "../venues/ibkr.ts";
import type { Truth } from "../venues/venue-setup.ts";
import { seeded } from "../world/seeded-random.ts";
import { World } from "../world/world.ts";
import { SessionInvariants } from "./session-invariants.ts";

/**
 * The longest time for which a session may be in the state `late` (a beat is overdue): the longest TTL, plus the tolerance of the
 * invariant.
 */
const lateMs = 300_000 + 30_000;
const graceMs = 2_000;

/** A session that is in the state `late` (a beat is overdue) from the start, and stays in this state. */
function late(): { world: World; quiet: () => number | undefined } {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const setup = ibkrSetup(world, journal, seeded(1), 0);
	const record: StatusRecord = {
		type: "status",
		at: 1_000_000_000,
		session: "ibkr",
		status: {
			state: "late",
			protection: { state: "unsupported", reason: "IBKR cancels nothing" },
			lostAt: 1_000_300_000,
			cause: { name: "SessionError", message: "no answer" },
		},
		tally: { beats: 1, losses: 0, recoveries: 0 },
	};
	const watch = new SessionInvariants(setup, world, journal, () => record);
	watch.recorded(record);
	const patrol = (): void => {
		watch.checkDeadlines();
		world.after(1_000, patrol);
	};
	patrol();
	return { world, quiet: () => journal.violations.find(({ rule }) => rule === "g-quiet")?.at };
}

it("SessionInvariants reports a session that is late (beat overdue) for longer than the longest TTL", async () => {
	const { world, quiet } = late();
	await world.run(lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(lateMs + graceMs + 1_000);
	expect(quiet()).toBe(lateMs + graceMs + 1_000);
});

it("SessionInvariants allows a session to be late (beat overdue) for at most one more TTL after a clock step", async () => {
	const { world, quiet } = late();
	await world.run(200_000);
	world.machine.step(-900_000);
	await world.run(200_000 + lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(200_000 + lateMs + graceMs + 1_000);
	expect(quiet()).toBe(200_000 + lateMs + graceMs + 1_000);
});

/** Opens a session that is armed once it is open, while the venue's actual state changes in the given order. Returns the violations. */
async function opened(provesSettingsSeparately: boolean, truths: readonly Truth[]): Promise<string[]> {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	let truth: Truth = "dead";
	const isOff = (): boolean => truth === "off";
	const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: () => truth, isOff, provesSettingsSeparately };
	const watch = new SessionInvariants(setup, world, journal, () => undefined);
	const tally = { beats: 0, losses: 0, recoveries: 0 };
	const record = (status: Status): void =>
		watch.recorded({ type: "status", at: 1_000_000_000 + world.now, session: "ibkr", status, tally });
	truth = truths[0] ?? truth;
	watch.check();
	await world.run(1_000);
	record({ state: "opening", attempt: 1 });
	for (const next of truths) {
		truth = next;
		watch.check();
		await world.run(world.now + 1_000);
	}
	const protection: Protection = { state: "armed", scope: "connection", exposureMs: 1_000, verifiedAt: 1_000_000_000 };
	record({ state: "alive", protection, ttlMs: 300_000 });
	return journal.violations.map(({ rule }) => rule);
}

it.each([
	[
		"reports a session that opens as armed if the venue was not armed at any time during the open",
		false,
		["off", "dead"],
		["a-opened-on-nothing"],
	],
	["accepts a session that opens as armed if the venue was armed during the open", false, ["yes", "dead"], []],
	[
		"accepts a session that opens as armed even if the settings were right only before the connection was up",
		true,
		["dead", "off"],
		[],
	],
	["reports a session that opens as armed if the connection was never up", true, ["dead"], ["a-opened-on-nothing"]],
	["reports a session that opens as armed if the settings were never right", true, ["off"], ["a-opened-on-nothing"]],
] as const)("SessionInvariants %s", async (_, provesSettingsSeparately, truths, rules) => {
	expect(await opened(provesSettingsSeparately, truths)).toEqual(rules);
});

/** Opens a session while the machine is suspended for 3 s, and then moves the wall clock by `stepMs`. Returns the violations. */
async function openedAsleep(stepMs: number): Promise<string[]> {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const watch = new SessionInvariants(ibkrSetup(world, journal, seeded(1), 0), world, journal, () => undefined);
	const tally = { beats: 0, losses: 0, recoveries: 0 };
	const record = (status: Status): void =>
		watch.recorded({ type: "status", at: 1_000_000_000 + world.now, session: "ibkr", status, tally });
	record({ state: "opening", attempt: 1 });
	await world.run(1_000);
	world.machine.suspend(3_000);
	await world.run(5_000);
	world.machine.step(stepMs);
	const unknown: Protection = { state: "unknown", reason: "not verified yet" };
	record({ state: "alive", protection: unknown, ttlMs: 300_000 });
	return journal.violations.map(({ rule }) => rule);
}

it.each([
	["reports", 0, ["a-opened-in-sleep"]],
	["reports", 3_000, ["a-opened-in-sleep"]],
	["reports", -999, ["a-opened-in-sleep"]],
	["accepts", -1_000, []],
] as const)(
	"SessionInvariants %s an open with data from before a 3 s suspension if the clock then moved by %i ms (1 s back hides the suspension)",
	async (_, stepMs, rules) => {
		expect(await openedAsleep(stepMs)).toEqual(rules);
	},
);

const cause = { name: "Error", message: "gone" };
const tally = { beats: 0, losses: 0, recoveries: 0 };

/** The rules that a sequence of statuses violates. Each status is published `afterMs` after the previous one, and no fault occurs. */
async function rulesOf(sequence: readonly (readonly [afterMs: number, status: Status])[]): Promise<string[]> {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: (): Truth => "yes" };
	const watch = new SessionInvariants(setup, world, journal, () => undefined);
	watch.markDisturbed(0);
	watch.check();
	for (const [afterMs, status] of sequence) {
		await world.run(world.now + afterMs);
		watch.recorded({ type: "status", at: 1_000_000_000 + world.now, session: "ibkr", status, tally });
	}
	return journal.violations.map(({ rule }) => rule);
}

const aliveWith = (protection: Protection): Status => ({ state: "alive", protection, ttlMs: 300_000 });
const unsupported: Protection = { state: "unsupported", reason: "cancels nothing" };
const unknown: Protection = { state: "unknown", reason: "not verified yet" };
const gated: Status = { state: "gated", cause, closed: { orders: "unknown", detail: "" } };
const lost: Status = { state: "lost", protection: unknown, cause };

it.each([
	["reports a health gate that closes a session whose venue cancels nothing", unsupported, ["d-gated-for-nothing"]],
	["accepts a health gate that closes a session whose venue may cancel", unknown, []],
] as const)("SessionInvariants %s", async (_, protection, rules) => {
	expect(
		await rulesOf([
			[0, aliveWith(protection)],
			[1_000, gated],
		]),
	).toEqual(rules);
});

it.each([
	["accepts", 0, []],
	["reports", 1, ["a-guard"]],
] as const)(
	"SessionInvariants %s an order %i ms after the longest time for which the session may claim a protection that does not exist",
	async (_, pastMs, rules) => {
		const world = new World(1_000_000_000);
		const journal = new Journal(() => world.now);
		const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: (): Truth => "off" };
		let status = aliveWith({ state: "unarmed", reason: "a product is not enabled" });
		const current = (): StatusRecord => ({ type: "status", at: 1_000_000_000, session: "ibkr", status, tally });
		const watch = new SessionInvariants(setup, world, journal, current);
		watch.check();
		await world.run(600_000);
		// The product is enabled again, so it is no longer the reason why the protection is off. At the same moment the venue silently loses
		// subscribed topics. The session may learn of that only when it next reads the venue's state.
		status = aliveWith(unsupported);
		watch.check();
		await world.run(600_000 + setup.bounds.off + pastMs);
		watch.orderAllowed();
		expect(journal.violations.map(({ rule }) => rule).filter((rule) => rule === "a-guard")).toEqual(rules);
	},
);

it.each([
	["accepts", 600_000, []],
	["reports", 600_001, ["c-lost-for-nothing"]],
] as const)("SessionInvariants %s the loss of a session after %i ms without a fault", async (_, ms, rules) => {
	expect(
		await rulesOf([
			[0, aliveWith(unsupported)],
			[ms, lost],
		]),
	).toEqual(rules);
});

it.each([
	["accepts", -1, []],
	["reports", 0, ["b-alive-past-ttl"]],
] as const)(
	"SessionInvariants %s a session alive past its TTL whose last message came one beat interval, 2 s and %i ms after a clock step",
	async (_, fromLimitMs, rules) => {
		const world = new World(1_000_000_000);
		const journal = new Journal(() => world.now);
		const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: (): Truth => "yes" };
		const status = aliveWith(unsupported);
		const current = (): StatusRecord => ({ type: "status", at: 1_000_000_000, session: "ibkr", status, tally });
		const watch = new SessionInvariants(setup, world, journal, current);
		await world.run(1_000_000);
		world.machine.step(-3_000_000);
		await world.run(1_000_000 + setup.beatMs + graceMs + fromLimitMs);
		setup.route.heardAt = world.now;
		await world.run(world.now + 300_002);
		watch.check();
		expect(journal.violations.map(({ rule }) => rule).filter((rule) => rule === "b-alive-past-ttl")).toEqual(rules);
	},
);
