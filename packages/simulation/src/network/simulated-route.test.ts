import { IbkrVenue } from "@x/venue-sims";
import { expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { deribitSetup } from "../venues/deribit.ts";
import { seeded } from "../world/seeded-random.ts";
import { World } from "../world/world.ts";
import { simFetch } from "./sim-fetch.ts";
import { socketClass } from "./sim-socket.ts";
import { Route, type RouteObserver } from "./simulated-route.ts";

/** Sends a request over a socket. The answer to the request arrives a second later, after this function has returned. */
async function asked() {
	const world = new World(1_000_000_000);
	const journal = new Journal(() => world.now);
	const { route } = deribitSetup(world, journal, seeded(1), 500);
	const received: string[] = [];
	const ignore = (): void => undefined;
	const observer: RouteObserver = {
		callSent: ignore,
		callArrived: ignore,
		refused: ignore,
		handshakeSent: ignore,
		frameSent: ignore,
		frameReceived: (text) => void received.push(text),
	};
	route.observer = observer;
	const Socket = socketClass(route);
	const socket = new Socket("wss://www.deribit.com/ws/api/v2");
	const heard: unknown[] = [];
	socket.addEventListener("message", ({ data }) => heard.push(data));
	await world.run(2_000);
	socket.send('{"jsonrpc":"2.0","id":1,"method":"public/test","params":{}}');
	await world.run(2_700);
	return { world, route, socket, received, heard };
}

it("Route reports received frames to its observer", async () => {
	const { world, route, received, heard } = await asked();
	await world.run(5_000);
	expect(received).toHaveLength(1);
	expect(heard).toEqual(received);
	expect(route.heardAt).toBeGreaterThan(2_900);
});

it.each([
	[400, false],
	[1_100, true],
])(
	"Route stores the end of a connection in slowEndAt only if the client learns of the end over 1 s late: after %i ms, stored: %s",
	async (latencyMs, isNoted) => {
		const world = new World(1_000_000_000);
		const { route } = deribitSetup(world, new Journal(() => world.now), seeded(1), latencyMs);
		new (socketClass(route))("wss://www.deribit.com/ws/api/v2");
		await world.run(5_000);
		route.drop();
		expect(route.slowEndAt).toBe(isNoted ? 5_000 : Number.NEGATIVE_INFINITY);
	},
);

it("Route does not deliver an answer over a connection that the client has closed", async () => {
	const { world, route, socket, received, heard } = await asked();
	const { heardAt } = route;
	socket.close();
	await world.run(5_000);
	expect([received, heard, route.heardAt]).toEqual([[], [], heardAt]);
});

it("RouteConnection opens at the client before the first frame of the venue arrives there", async () => {
	const { world, route } = line();
	const seen: string[] = [];
	const socket = new (socketClass(route))("wss://localhost:5000/v1/api/ws");
	for (const type of ["open", "message"]) socket.addEventListener(type, () => seen.push(type));
	await world.run(1_500);
	expect(seen).toEqual(["open", "message"]);
});

it("RouteConnection ends at the venue 15 minutes after it became half-open", async () => {
	const { world, route, venue } = line();
	new (socketClass(route))("wss://localhost:5000/v1/api/ws");
	await world.run(1_500);
	route.halfOpen();
	await world.run(900_000);
	expect(venue.truth()).toMatchObject({ sockets: 1 });
	await world.run(902_000);
	expect(venue.truth()).toMatchObject({ sockets: 0 });
});

it("Route carries no data to a killed process, and no data that code of the killed process still sends", async () => {
	const { world, route } = line();
	const news: string[] = [];
	const open = (): WebSocket => new (socketClass(route))("wss://localhost:5000/v1/api/ws");
	const fetchIt = (): void =>
		void simFetch(route)("https://localhost:5000/v1/api/tickle").then(() => news.push("answer"));
	const listening = open();
	for (const type of ["open", "message", "close"]) listening.addEventListener(type, () => news.push(type));
	route.network = { ...route.network, refuses: true };
	open().addEventListener("close", () => news.push("refused"));
	route.network = { ...route.network, refuses: false };
	fetchIt();
	await world.run(0);
	world.machine.powerOff();
	open();
	fetchIt();
	world.machine.powerOn();
	await world.run(5_000);
	expect([news, route.connections, route.calls]).toEqual([[], [], 1]);
});

/** Creates a route to a simulated gateway that waits an hour for the session id of a new socket. */
function line() {
	const world = new World(1_000_000_000);
	const route = new Route("ibkr", world, new Journal(() => world.now), seeded(1), 500);
	const venue = route.host(() => new IbkrVenue({ socketGraceMs: 3_600_000 }));
	return { world, route, venue };
}
