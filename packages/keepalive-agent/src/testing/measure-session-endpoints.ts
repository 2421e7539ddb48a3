/**
 * Measures two endpoints of an agent on this machine: `GET /v1/sessions`, and `GET /v1/sessions/NAME/armed` over TCP and over the Unix
 * socket. The agent has 100 sessions and 200 open streams of events. A bare HTTP server is measured in turn with the agent: the ratios to
 * it show the agent's own cost.
 *
 *   node measure-session-endpoints.ts
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, startRun, until } from "./agent-process.ts";
import { serveVenues } from "./serve-venues.ts";

const [sessions, streams, requests] = [100, 200, 1_000];

const venues = await serveVenues();
// All sessions are at Bybit, because a key of Deribit does not allow so many calls.
const file = venues.configure(["bybit"], "keeper: { restarts: { burst: 1000 } }\n");
const text = readFileSync(file, "utf8");
const begin = text.indexOf("  maker:");
const all = Array.from({ length: sessions }, (_, index) => text.slice(begin).replace("maker", `maker-${index}`));
const top = text.slice(0, begin).replace("port: 0", "port: 0, socket: keepalive.sock");
writeFileSync(file, top + all.join(""));
const agent = await startRun(file);
console.log(`waiting until ${sessions} sessions are armed: about a minute, for the limits of the venue`);
await until(agent.url, "/readyz", 200);

async function read(stream: Response): Promise<void> {
	for await (const _ of stream.body ?? []);
}
for (let opened = 0; opened < streams; opened += 1) {
	read(await fetch(`${agent.url}/v1/events`)).catch(() => undefined);
}
const socket = join(venues.folder, "keepalive.sock");
const armed = `${agent.url}/v1/sessions/maker-0/armed`;
const bare = spawn(process.execPath, [join(import.meta.dirname, "fixed-reply-server.ts")], {
	stdio: ["ignore", "pipe", "inherit"],
});
const bareUrl = await new Promise<string>((resolve) =>
	bare.stdout.once("data", (data) => resolve(String(data).trim())),
);
const targets = [
	["bare server", bareUrl, "-"],
	["GET /v1/sessions/NAME/armed", armed, "-"],
	["GET /v1/sessions/NAME/armed over the Unix socket", armed, socket],
	["GET /v1/sessions", `${agent.url}/v1/sessions`, "-"],
];
const args = [join(import.meta.dirname, "measure-answer-times.ts"), String(requests), ...targets.flat()];
const client = spawn(process.execPath, args, { stdio: "inherit" });
await new Promise((resolve) => client.on("close", resolve));
bare.kill();
// The cast is safe: the schema of the API gives the answer this type.
const list = JSON.parse((await call(agent.url, "/v1/sessions")).text) as { sessions: { tally: { losses: number } }[] };
console.log(`losses: ${list.sessions.reduce((sum, { tally }) => sum + tally.losses, 0)}`);
agent.kill("SIGKILL");
await agent.ended;
process.exit(0);
