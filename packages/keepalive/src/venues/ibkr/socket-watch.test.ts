import { connectIbkr, createIbkrHttp, createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link, serve } from "@x/venue-sims";
import { expect, it } from "vitest";
import { watchSocket } from "./socket-watch.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("a real socket is not called dead because our own event loop stood still, and is when it is really silent", async () => {
	const venue = new IbkrVenue({ heartbeatMs: 100, pacing: false });
	const link = new Link(venue);
	const served = await serve(link);
	const baseUrl = `${served.http}/v1/api`;
	const tickle = await createIbkrHttp({ baseUrl, penaltyBox: createIbkrPenaltyBox() }).tickle();
	const session = "session" in tickle ? tickle.session : undefined;
	if (!session) throw new Error("no session");
	const socket = await connectIbkr({ session, baseUrl });
	const dead: string[] = [];
	const watcher = { heard: () => undefined, doubt: () => undefined, dead: (why: string) => dead.push(why) };
	const stop = new AbortController();
	const watching = watchSocket(socket, { ticMs: 5_000, deadMs: 800 }, watcher, stop.signal);
	await pause(300);
	// The timer of the next look fires before the frames that waited are read.
	const until = performance.now() + 2_500;
	while (performance.now() < until);
	await pause(1_500);
	expect(dead).toEqual([]);

	link.halfOpen();
	await pause(4_000);
	expect(dead).toEqual(["no frame came for 800 ms"]);
	stop.abort();
	await watching;
	await socket.close();
	await served.close();
});
