import { expect, it } from "vitest";
import { Journal } from "./journal.ts";
import { seeded } from "./seeded.ts";
import { socketClass } from "./sim-socket.ts";
import { deribitStage } from "./venue-deribit.ts";
import type { Witness } from "./wire.ts";
import { World } from "./world.ts";

/** A socket over which one question was asked, whose answer takes a second to arrive. */
async function asked() {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const { way } = deribitStage(world, journal, seeded(1), { latencyMs: 500, clockIsGood: true });
	const told: string[] = [];
	const ignore = (): void => undefined;
	const witness: Witness = {
		called: ignore,
		arrived: ignore,
		refused: ignore,
		shook: ignore,
		sent: ignore,
		told: (text) => void told.push(text),
	};
	way.witness = witness;
	const Socket = socketClass(way);
	const socket = new Socket("wss://www.deribit.com/ws/api/v2");
	const heard: unknown[] = [];
	socket.addEventListener("message", ({ data }) => heard.push(data));
	await world.run(2_000);
	socket.send('{"jsonrpc":"2.0","id":1,"method":"public/test","params":{}}');
	await world.run(2_700);
	return { world, way, socket, told, heard };
}

it("what a machine hears is told to those who judge it", async () => {
	const { world, way, told, heard } = await asked();
	await world.run(5_000);
	expect(told).toHaveLength(1);
	expect(heard).toEqual(told);
	expect(way.heardAt).toBeGreaterThan(2_900);
});

it("an answer over a connection that was given up is heard by nobody, and judged as such", async () => {
	const { world, way, socket, told, heard } = await asked();
	const { heardAt } = way;
	socket.close();
	await world.run(5_000);
	expect([told, heard, way.heardAt]).toEqual([[], [], heardAt]);
});
