/**
 * Measures `GET /v1/sessions` of an agent with 100 sessions, while 200 streams of events are open, over real sockets on this machine.
 *
 *   node measure-sessions.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { get, Agent as HttpAgent } from "node:http";
import { call, startRun, until } from "./running-agent.ts";
import { serveVenues } from "./venues.ts";

const [sessions, streams, requests] = [100, 200, 1_000];

const venues = await serveVenues();
// Bybit: a key of Deribit does not allow so many calls.
const file = venues.configure(["bybit"]);
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
const connection = new HttpAgent({ keepAlive: true, maxSockets: 1 });
const requestMs = () =>
	new Promise<number>((resolve, reject) => {
		const start = performance.now();
		get(`${agent.url}/v1/sessions`, { agent: connection }, (response) => {
			response.resume().on("end", () => resolve(performance.now() - start));
		}).on("error", reject);
	});
const times: number[] = [];
for (let request = 0; request < requests; request += 1) {
	times.push(await requestMs());
	await new Promise((resolve) => setTimeout(resolve, 10));
}
times.sort((a, b) => a - b);
const percentile = (percent: number): string => `p${percent} ${times[(times.length * percent) / 100]?.toFixed(2)} ms`;
console.log([50, 95, 99].map(percentile).join(", "));
// The cast: the schema of the answer.
const list = JSON.parse((await call(agent.url, "/v1/sessions")).text) as { sessions: { tally: { losses: number } }[] };
console.log(`losses: ${list.sessions.reduce((sum, { tally }) => sum + tally.losses, 0)}`);
agent.kill("SIGKILL");
await agent.ended;
process.exit(0);
