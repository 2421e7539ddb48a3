/**
 * Measures `GET /v1/sessions` of an agent with 100 sessions, while 200 streams of events are open, over real sockets on this machine.
 *
 *   node measure-sessions.ts
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, startRun, until } from "./running-agent.ts";
import { serveVenues } from "./venues.ts";

const [sessions, streams, requests] = [100, 200, 1_000];

const venues = await serveVenues();
// Bybit: a key of Deribit does not allow so many calls.
const file = venues.configure(["bybit"], "keeper: { restarts: { burst: 1000 } }\n");
const text = readFileSync(file, "utf8");
const begin = text.indexOf("  maker:");
const all = Array.from({ length: sessions }, (_, index) => text.slice(begin).replace("maker", `maker-${index}`));
writeFileSync(file, text.slice(0, begin) + all.join(""));
const agent = await startRun(file);
console.log(`waiting until ${sessions} sessions are armed: about a minute, for the limits of the venue`);
await until(agent.url, "/readyz", 200);

async function read(stream: Response): Promise<void> {
	for await (const _ of stream.body ?? []);
}
for (let opened = 0; opened < streams; opened += 1) {
	read(await fetch(`${agent.url}/v1/events`)).catch(() => undefined);
}
const client = spawn(
	process.execPath,
	[join(import.meta.dirname, "session-requests.ts"), agent.url, String(requests)],
	{
		stdio: "inherit",
	},
);
await new Promise((resolve) => client.on("close", resolve));
// The cast: the schema of the answer.
const list = JSON.parse((await call(agent.url, "/v1/sessions")).text) as { sessions: { tally: { losses: number } }[] };
console.log(`losses: ${list.sessions.reduce((sum, { tally }) => sum + tally.losses, 0)}`);
agent.kill("SIGKILL");
await agent.ended;
process.exit(0);
