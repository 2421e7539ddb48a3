import { expect, it } from "vitest";
import { OwnChange } from "./protection-changed-by-program.ts";

function changed() {
	const truth = { isOff: false, connection: 1 };
	const change = new OwnChange(() => truth);
	return { truth, change, settle: change.begin() };
}

it("OwnChange names the program's call as the reason why the protection is off, until the protection is on again", () => {
	const { truth, change, settle } = changed();
	expect(change.reason()).toBeUndefined();
	truth.isOff = true;
	expect(change.reason()).toMatch(/the program changed it/);
	settle();
	expect(change.reason()).toMatch(/the program changed it/);
	truth.isOff = false;
	expect(change.reason()).toBeUndefined();
	truth.isOff = true;
	expect(change.reason()).toBeUndefined();
});

it("OwnChange names no reason if the program's call never reached the venue, or if another connection is in use now", () => {
	const failed = changed();
	failed.settle();
	failed.truth.isOff = true;
	expect(failed.change.reason()).toBeUndefined();
	const replaced = changed();
	replaced.truth.isOff = true;
	replaced.truth.connection = 2;
	expect(replaced.change.reason()).toBeUndefined();
});
