import { vi } from "vitest";
import type { Closed } from "../../session.ts";
import type { Journal } from "./journal.ts";
import { drain } from "./machine.ts";
import type { Stage } from "./stage.ts";
import type { Storm } from "./storm.ts";

/** How a run ends: a stop with one wish or the other, a network that dies first, or a stop at a bad moment. */
export const farewells = ["cancel", "keep", "partition", "drop", "mid-open", "mid-storm"] as const;

export type Farewell = (typeof farewells)[number];

/** The keeper gives one close 10 s, and a loop that is opening gives up at once. */
const longestStopMs = 20_200;

/**
 * Ends a run and judges the end.
 *
 * - d: an order that outlives the stated exposure
 * - f: a stop that hangs, or leaves sockets behind
 * - h: a promise of `stop` that the venue does not keep
 */
export async function leave(storm: Storm, stage: Stage, journal: Journal, farewell: Farewell, random: () => number) {
	const { link, session } = stage;
	const orders = () => link.orders().filter(({ state }) => state === "open");
	const isWhole = farewell !== "mid-storm" && storm.isFine && stage.truth() === "yes";
	if (isWhole) storm.place();
	const placed = isWhole ? orders().at(-1)?.id : undefined;
	const isOpen = (): boolean => orders().some(({ id }) => id === placed);
	if ((farewell === "partition" || farewell === "drop") && placed !== undefined) {
		await outlive(storm, stage, journal, farewell, isOpen);
	}
	if (farewell === "mid-open") {
		link.drop();
		await pass(random() * 3_000);
	}
	const asked = farewell === "keep" ? "keep" : "cancel";
	const closed = await stop(storm, session.name, journal, asked);
	if (placed !== undefined && (farewell === "cancel" || farewell === "keep")) {
		await checkPromise(closed, journal, isOpen);
	}
	await pass(5_000);
	// Deribit cannot leave without a cancel by what it protects: then it stays, and says so.
	const stays = closed?.orders === "refused" && stage.name === "deribit" && asked === "keep";
	if (link.connections !== 0 && !stays) journal.violate("f-socket-left", `${link.connections}`);
}

/** The network dies: the order has to be gone within the exposure that was stated last. */
async function outlive(
	storm: Storm,
	{ link }: Stage,
	journal: Journal,
	farewell: "partition" | "drop",
	isOpen: () => boolean,
): Promise<void> {
	const { status } = storm.current();
	if (status.state !== "alive" || status.protection.state !== "armed") return;
	const { exposureMs } = status.protection;
	if (farewell === "drop") link.drop();
	link.partition();
	journal.tell(`the last ${farewell}`);
	const from = journal.now();
	while (isOpen() && journal.now() - from <= exposureMs + 5_000) await storm.step(250);
	const stood = journal.now() - from;
	if (stood > exposureMs + 1_000) {
		journal.violate("d-exposure", `open ${stood} ms after the ${farewell}, stated ${exposureMs}`);
	}
	journal.stats["exposedMs"] = stood;
}

async function stop(
	storm: Storm,
	name: string,
	journal: Journal,
	orders: "keep" | "cancel",
): Promise<Closed | undefined> {
	const from = journal.now();
	let closed: Closed | undefined;
	void storm.keeper.stop({ orders }).then((all) => {
		closed = all[name];
	});
	journal.tell(`stop ${orders}`);
	while (!closed && journal.now() - from < 60_000) await pass(100);
	const took = journal.now() - from;
	if (!closed) journal.violate("f-stop-hangs", `after ${took} ms`);
	else if (took > longestStopMs) journal.violate("f-stop-late", `${took} ms`);
	journal.count(`closed ${closed?.orders}`);
	if (!storm.isOver) journal.violate("f-not-stopped", JSON.stringify(storm.current()));
	return closed;
}

async function checkPromise(closed: Closed | undefined, journal: Journal, isOpen: () => boolean): Promise<void> {
	if (closed?.orders === "cancelled") {
		await pass(closed.withinMs + 100);
		if (isOpen()) journal.violate("h-promised-cancel", JSON.stringify(closed));
	} else if (closed?.orders === "kept") {
		await pass(200_000);
		if (!isOpen()) journal.violate("h-promised-keep", JSON.stringify(closed));
	}
}

async function pass(ms: number): Promise<void> {
	await vi.advanceTimersByTimeAsync(ms);
	await drain(1);
}
