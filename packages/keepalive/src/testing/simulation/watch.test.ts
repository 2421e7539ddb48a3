import { expect, it } from "vitest";
import type { StatusRecord } from "../../status.ts";
import { Journal } from "./journal.ts";
import { seeded } from "./seeded.ts";
import { ibkrStage } from "./venue-ibkr.ts";
import { Watch } from "./watch.ts";
import { World } from "./world.ts";

/** The longest lease, and what follows it. */
const lateMs = 300_000 + 30_000;
const graceMs = 2_000;

/** A session that is late from the start and never told to be anything else. */
function late(): { world: World; quiet: () => number | undefined } {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const stage = ibkrStage(world, journal, seeded(1), 0);
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
	const watch = new Watch(stage, world, journal, () => record);
	watch.recorded(record);
	const patrol = (): void => {
		watch.patrol();
		world.after(1_000, patrol);
	};
	patrol();
	return { world, quiet: () => journal.violations.find(({ rule }) => rule === "g-quiet")?.at };
}

it("a session that is late for longer than the longest lease has a loop that is quiet", async () => {
	const { world, quiet } = late();
	await world.run(lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(lateMs + graceMs + 1_000);
	expect(quiet()).toBe(lateMs + graceMs + 1_000);
});

it("it may be late for one lease more after its machine was disturbed, and not for longer", async () => {
	const { world, quiet } = late();
	await world.run(200_000);
	world.machine.step(-900_000);
	await world.run(200_000 + lateMs + graceMs);
	expect(quiet()).toBeUndefined();
	await world.run(200_000 + lateMs + graceMs + 1_000);
	expect(quiet()).toBe(200_000 + lateMs + graceMs + 1_000);
});
