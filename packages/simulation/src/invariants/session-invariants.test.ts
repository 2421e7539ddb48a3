import type { Protection, Status, StatusRecord } from "@x/keepalive";
import { expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { ibkrSetup } from "../venues/ibkr.ts";
import type { Truth } from "../venues/venue-setup.ts";
import { seeded } from "../world/seeded.ts";
import { World } from "../world/world.ts";
import { SessionInvariants } from "./session-invariants.ts";

/** The longest TTL and its tolerance. */
const lateMs = 300_000 + 30_000;
const graceMs = 2_000;

/** A session that is late from the start and stays so. */
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

it("SessionInvariants reports a quiet loop when a session is late for longer than the longest TTL", async () => {
	const { world, quiet } = late();
	await world.run(lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(lateMs + graceMs + 1_000);
	expect(quiet()).toBe(lateMs + graceMs + 1_000);
});

it("SessionInvariants allows one more TTL of lateness after the machine was disturbed, and no longer", async () => {
	const { world, quiet } = late();
	await world.run(200_000);
	world.machine.step(-900_000);
	await world.run(200_000 + lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(200_000 + lateMs + graceMs + 1_000);
	expect(quiet()).toBe(200_000 + lateMs + graceMs + 1_000);
});

/** The violations of an opening that ends in this protection while the venue's truth changes. */
async function opened(provesApart: boolean, truths: readonly Truth[]): Promise<string[]> {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	let truth: Truth = "dead";
	const isOff = (): boolean => truth === "off";
	const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: () => truth, isOff, provesApart };
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
	["it never was", false, ["off", "dead"], ["a-opened-on-nothing"]],
	["it was, and is no more", false, ["yes", "dead"], []],
	["its connection was there after its settings were right", true, ["dead", "off"], []],
	["its connection never was there", true, ["dead"], ["a-opened-on-nothing"]],
	["its settings never were right", true, ["off"], ["a-opened-on-nothing"]],
] as const)("an opening is checked by what was true since it began: %s", async (_, provesApart, truths, rules) => {
	expect(await opened(provesApart, truths)).toEqual(rules);
});

/** The violations of an opening during which the machine slept 3 s and its clock was then moved. */
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
	[0, ["a-opened-in-sleep"]],
	[3_000, ["a-opened-in-sleep"]],
	[-999, ["a-opened-in-sleep"]],
	[-1_000, []],
] as const)(
	"an opening may rest on what was read before a sleep only where a clock set by %i ms hid all but two seconds of it",
	async (stepMs, rules) => {
		expect(await openedAsleep(stepMs)).toEqual(rules);
	},
);

const cause = { name: "Error", message: "gone" };
const tally = { beats: 0, losses: 0, recoveries: 0 };

/** The rules that a course of statuses violates, each published after so many milliseconds in which nothing is wrong. */
async function rulesOf(course: readonly (readonly [afterMs: number, status: Status])[]): Promise<string[]> {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const setup = { ...ibkrSetup(world, journal, seeded(1), 0), truth: (): Truth => "yes" };
	const watch = new SessionInvariants(setup, world, journal, () => undefined);
	watch.markDisturbed(0);
	watch.check();
	for (const [afterMs, status] of course) {
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
	["it closes a session whose venue cancels nothing", unsupported, ["d-gated-for-nothing"]],
	["it closes a session whose venue may cancel", unknown, []],
] as const)("SessionInvariants judges a gate by whether %s", async (_, protection, rules) => {
	expect(
		await rulesOf([
			[0, aliveWith(protection)],
			[1_000, gated],
		]),
	).toEqual(rules);
});

it.each([
	[600_000, []],
	[600_001, ["c-lost-for-nothing"]],
] as const)("SessionInvariants judges a loss after %i ms in which nothing was wrong", async (ms, rules) => {
	expect(
		await rulesOf([
			[0, aliveWith(unsupported)],
			[ms, lost],
		]),
	).toEqual(rules);
});
