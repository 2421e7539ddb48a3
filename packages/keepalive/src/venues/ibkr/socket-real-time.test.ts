import { connectIbkr, createIbkrHttp, createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link, serve } from "@x/venue-sims";
import { expect, it } from "vitest";
import { watchSocket } from "./socket.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("watchSocket() reports a silent socket as dead, but not a socket whose frames are late because this process blocked its event loop", async () => {
	const venue = new IbkrVenue({ heartbeatMs: 100, pacing: false });
	const link = new Link(venue);
	const served = await serve(link);
	const baseUrl = `${served.http}/v1/api`;
	const tickle = await createIbkrHttp({ baseUrl, penaltyBox: createIbkrPenaltyBox() }).tickle();
	const session = "session" in tickle ? tickle.session : undefined;
	if (!session) throw new Error("no session");
	const socket = await connectIbkr({ session, baseUrl });
	const dead: string[] = [];
	const events = {
		onAlive: () => undefined,
		onDoubt: () => undefined,
		onDead: (reason: string) => dead.push(reason),
	};
	const stop = new AbortController();
	const watching = watchSocket(socket, { ticMs: 5_000, deadMs: 800 }, events, stop.signal);
	await pause(300);
	// Blocks the event loop. Afterwards the timer runs before the frames that have arrived are read.
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
