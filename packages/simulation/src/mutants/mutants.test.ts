import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../../../../scripts/testing/run-command.ts";
import { applyEdit } from "./apply-edit.ts";
import { bybitMutants } from "./bybit-mutants.ts";
import { deribitMutants } from "./deribit-mutants.ts";
import { ibkrMutants } from "./ibkr-mutants.ts";
import { coreMutants } from "./keeper-mutants.ts";
import { leaderMutants } from "./leader-mutants.ts";
import { relayMutants } from "./relay-mutants.ts";
import { workerMutants } from "./worker-mutants.ts";

const mutants = [
	...coreMutants,
	...deribitMutants,
	...bybitMutants,
	...ibkrMutants,
	...workerMutants,
	...leaderMutants,
	...relayMutants,
];

describe("every mutant of the simulation", () => {
	it.each(mutants)("a mutant applies to the present source code: $name", ({ and = [], ...first }) => {
		for (const edit of [first, ...and]) expect(applyEdit(join(repository, "packages"), edit).text).not.toBe("");
	});

	it("a mutant names an existing test file if a test catches it", () => {
		for (const { caughtBy } of mutants) {
			if (typeof caughtBy === "string") expect(existsSync(join(repository, "packages", caughtBy))).toBe(true);
		}
	});

	it("a mutant has a name that no other mutant has", () => {
		expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
	});
});
