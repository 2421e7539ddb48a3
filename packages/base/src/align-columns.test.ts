import { describe, expect, it } from "vitest";
import { alignColumns } from "./align-columns.ts";

describe("alignColumns", () => {
	it("alignColumns pads each cell to the longest cell of its column, and leaves no spaces at the end of a line", () => {
		const rows = [
			["name", "state", "reason"],
			["a", "alive", ""],
			["longer", "", "why"],
		];
		expect(alignColumns(rows)).toEqual(["name    state  reason", "a       alive", "longer         why"]);
	});

	it("alignColumns aligns rows with different numbers of cells", () => {
		expect(alignColumns([["a"], ["bc", "d"]])).toEqual(["a", "bc  d"]);
	});
});
