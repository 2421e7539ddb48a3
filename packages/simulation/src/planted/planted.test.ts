import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../../../../scripts/testing/run.ts";
import { applyEdit } from "./apply-edit.ts";
import { bybitFaults } from "./bybit.ts";
import { coreFaults } from "./core.ts";
import { deribitFaults } from "./deribit.ts";
import { ibkrFaults } from "./ibkr.ts";

const faults = [...coreFaults, ...deribitFaults, ...bybitFaults, ...ibkrFaults];

describe("a planted fault", () => {
	it.each(faults)("applies to the source as it stands: $name", ({ and = [], ...first }) => {
		for (const edit of [first, ...and]) expect(applyEdit(join(repository, "packages"), edit).text).not.toBe("");
	});

	it("has a name of its own", () => {
		expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
	});
});
