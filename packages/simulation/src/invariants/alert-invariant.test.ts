import type { ProtectionRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { AlertInvariant } from "./alert-invariant.ts";

const afterMs = 60_000;
const alert: ProtectionRecord = { type: "unprotected", session: "deribit", at: 0, since: 0, reason: "lost" };
const recovery: ProtectionRecord = { type: "protected", session: "deribit", at: 0, since: 0 };

/** An AlertInvariant for a session that is unprotected from the start, and a list of the rules that were violated so far. */
function unprotectedSession() {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const invariant = new AlertInvariant("deribit", world, journal, afterMs);
	invariant.see(false);
	const checkAt = async (ms: number): Promise<void> => {
		await world.run(ms);
		invariant.checkDeadlines();
	};
	return { world, invariant, checkAt, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("AlertInvariant", () => {
	it("AlertInvariant reports a missing alert two seconds after the alert was due", async () => {
		const { checkAt, rules } = unprotectedSession();
		await checkAt(afterMs + 2_000);
		expect(rules()).toEqual([]);
		await checkAt(afterMs + 2_001);
		expect(rules()).toEqual(["j-no-alert"]);
	});

	it("AlertInvariant counts the time to an alert from the end of a stall of the machine", async () => {
		const { world, checkAt, rules } = unprotectedSession();
		world.machine.stall(30_000, false);
		await checkAt(30_000 + afterMs + 2_000);
		expect(rules()).toEqual([]);
		await checkAt(30_000 + afterMs + 2_001);
		expect(rules()).toEqual(["j-no-alert"]);
	});

	it("AlertInvariant reports a missing recovery two seconds after the recovery was due", async () => {
		const { invariant, checkAt, rules } = unprotectedSession();
		invariant.told(alert, false);
		invariant.see(true);
		await checkAt(2_000);
		expect(rules()).toEqual([]);
		await checkAt(2_001);
		expect(rules()).toEqual(["j-no-recovery"]);
	});

	it("AlertInvariant accepts one alert and one recovery, and requires neither while the session is stopped on request", async () => {
		const { invariant, checkAt, rules } = unprotectedSession();
		invariant.told(alert, false);
		await checkAt(10 * afterMs);
		invariant.see(true);
		invariant.told(recovery, true);
		await checkAt(20 * afterMs);
		invariant.see(false);
		invariant.told(alert, false);
		invariant.see(undefined);
		await checkAt(30 * afterMs);
		invariant.see(true);
		invariant.told(recovery, true);
		await checkAt(40 * afterMs);
		expect(rules()).toEqual([]);
	});

	it.each([
		["an alert while protected", [[alert, true]]],
		[
			"a second alert",
			[
				[alert, false],
				[alert, false],
			],
		],
		[
			"a recovery while unprotected",
			[
				[alert, false],
				[recovery, false],
			],
		],
		["a recovery without an alert", [[recovery, true]]],
	] as const)("AlertInvariant reports %s", (_, told) => {
		const { invariant, rules } = unprotectedSession();
		for (const [record, isProtected] of told) invariant.told(record, isProtected);
		expect(rules()).toEqual(["j-false-alert"]);
	});
});
