import type { Protection, StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { AgreementInvariant, type ArmedAnswers } from "./armed-agreement-invariant.ts";

const beatMs = 10_000;
const epoch = 1_000_000_000;
const armed: Protection = { state: "armed", scope: "connection", exposureMs: 1_000, verifiedAt: epoch };
const unknown: Protection = { state: "unknown", reason: "somebody said so" };
const record = (protection: Protection): StatusRecord => ({
	type: "status",
	at: epoch,
	session: "deribit",
	status: { state: "alive", protection, ttlMs: 60_000 },
	tally: { beats: 1, losses: 0, recoveries: 0 },
});
const all = (isArmed: boolean): ArmedAnswers => ({
	isArmed,
	keeperAllows: isArmed,
	sessionAllows: isArmed,
	isShown: isArmed,
});

/** An AgreementInvariant for a session that has just become armed, and a list of the rules that were violated so far. */
function armedSession(knownOff: () => string | undefined = () => undefined) {
	const world = new World(epoch);
	const journal = new Journal(() => world.now);
	const invariant = new AgreementInvariant({ name: "deribit", beatMs, knownOff }, world, journal);
	invariant.recorded(record(armed));
	invariant.check(all(true));
	return { world, invariant, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("AgreementInvariant", () => {
	it("AgreementInvariant reports nothing while isArmed, requireArmed and the latest published status agree", () => {
		const { invariant, rules } = armedSession();
		invariant.check(all(true));
		invariant.recorded(record(unknown));
		invariant.check(all(false));
		invariant.check({ ...all(false), sessionAllows: undefined });
		expect(rules()).toEqual([]);
	});

	it.each(["keeperAllows", "sessionAllows", "isShown"] as const)(
		"AgreementInvariant reports a disagreement when %s alone is true or alone is false",
		(place) => {
			for (const isArmed of [true, false]) {
				const { invariant, rules } = armedSession();
				invariant.recorded(record(isArmed ? armed : unknown));
				invariant.check({ ...all(isArmed), [place]: !isArmed });
				expect(rules()).toEqual(["i-disagree"]);
			}
		},
	);

	it("AgreementInvariant reports at once when an event made the session unarmed and no status was published", () => {
		const { invariant, rules } = armedSession();
		invariant.timePassed(true);
		invariant.check(all(false));
		expect(rules()).toEqual(["i-unpublished"]);
	});

	it("AgreementInvariant reports at once when an event made the session armed and no status was published", () => {
		const { invariant, rules } = armedSession();
		invariant.recorded(record(unknown));
		invariant.check(all(false));
		invariant.check(all(true));
		expect(rules()).toEqual(["i-unpublished"]);
	});

	it("AgreementInvariant allows one beat interval plus two seconds to publish a change of isArmed that no event caused", async () => {
		const { world, invariant, rules } = armedSession();
		await world.run(1_000);
		invariant.timePassed(false);
		invariant.check(all(false));
		await world.run(1_000 + beatMs + 2_000);
		invariant.check(all(false));
		expect(rules()).toEqual([]);
		await world.run(1_000 + beatMs + 2_001);
		invariant.check(all(false));
		expect(rules()).toEqual(["i-unpublished"]);
	});

	it("AgreementInvariant requires no status at once if isArmed changes because the wall clock was set, which is not an event", () => {
		const { world, invariant, rules } = armedSession();
		world.machine.step(15_000);
		invariant.check(all(false));
		expect(rules()).toEqual([]);
	});

	it("AgreementInvariant requires no status at once if the query itself made the session unarmed, because a pulse came too late", () => {
		const { invariant, rules } = armedSession();
		invariant.check(all(false), true);
		expect(rules()).toEqual([]);
	});

	it("AgreementInvariant counts the time to publish a change of isArmed from the end of a stall of the machine", async () => {
		const { world, invariant, rules } = armedSession();
		world.machine.stall(60_000, false);
		await world.run(60_000);
		invariant.timePassed(false);
		await world.run(60_000 + beatMs + 2_000);
		invariant.check(all(false));
		expect(rules()).toEqual([]);
	});

	it("AgreementInvariant reports an armed session that must know that its protection is off", () => {
		let isOff = false;
		const { invariant, rules } = armedSession(() => (isOff ? "the program switched it off" : undefined));
		isOff = true;
		invariant.recorded(record(unknown));
		invariant.check(all(false));
		expect(rules()).toEqual([]);
		invariant.recorded(record(armed));
		invariant.check(all(true));
		expect(rules()).toEqual(["i-armed-while-off"]);
	});

	it("AgreementInvariant ignores the statuses of the previous process once a new process has started", () => {
		const { invariant, rules } = armedSession();
		invariant.processStarted();
		invariant.check(all(false));
		expect(rules()).toEqual([]);
	});
});
