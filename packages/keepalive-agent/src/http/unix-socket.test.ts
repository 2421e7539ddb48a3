import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, startRun } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";

let venues: Awaited<ReturnType<typeof serveVenues>>;
let path: string;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
	venues = await serveVenues();
});
afterAll(() => venues.close());
let count = 0;
beforeEach(() => {
	count += 1;
	path = join(venues.folder, `${count}.sock`);
});
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

/** Writes a configuration whose agent also listens at a Unix socket. Returns the path of the configuration. */
function configure(more = ""): string {
	const file = venues.configure(["deribit"]);
	const text = readFileSync(file, "utf8").replace("port: 0", `port: 0, socket: ${count}.sock${more}`);
	// Each agent gets a configuration file name of its own, and therefore a state file of its own.
	const own = file.replace("keepalive.yaml", `keepalive-${count}.yaml`);
	writeFileSync(own, text);
	return own;
}

async function start(file: string) {
	const agent = await startRun(file);
	closers.push(async () => {
		agent.kill("SIGKILL");
		await agent.ended;
	});
	return agent;
}

/** Sends a request over the Unix socket. */
const ask = (target: string, body?: object, token?: string) =>
	new Promise<{ readonly status: number | undefined; readonly text: string }>((settle, reject) => {
		const headers = {
			...(body && { "content-type": "application/json" }),
			...(token !== undefined && { authorization: `Bearer ${token}` }),
		};
		const sent = request({ socketPath: path, path: target, method: body ? "POST" : "GET", headers }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				text += chunk;
			});
			response.on("end", () => settle({ status: response.statusCode, text }));
		});
		sent.on("error", reject);
		sent.end(body && JSON.stringify(body));
	});

const ready = async (): Promise<void> => {
	while ((await ask("/readyz")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
};
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe("http.socket", () => {
	it("requests over the Unix socket http.socket need the token only if they change something; stopping the agent removes the socket", async () => {
		// This agent listens for other machines too, so that reading over TCP needs the token.
		const agent = await start(configure(", host: 0.0.0.0"));
		const url = agent.url.replace("0.0.0.0", "127.0.0.1");
		await ready();
		expect(modeOf(path)).toBe(0o600);
		for (const target of ["/livez", "/metrics", "/", "/v1/sessions", "/v1/sessions/hedge/armed", "/v1/history"]) {
			expect([target, (await ask(target)).status]).toEqual([target, 200]);
		}
		expect((await call(url, "/v1/sessions", { headers: { authorization: "" } })).status).toBe(401);
		expect((await ask("/v1/nothing")).status).toBe(404);
		expect((await ask("/v1/stop", { orders: "keep" })).status).toBe(401);
		expect((await ask("/v1/stop", { orders: "keep" }, "wrong")).status).toBe(401);
		expect((await ask("/v1/stop", { orders: "keep" }, secrets.KEEPALIVE_TOKEN)).status).toBe(200);
		expect(await agent.ended).toBe(0);
		expect(existsSync(path)).toBe(false);
	});

	it("the option `socketAccess: group` lets only the agent's user and group open the Unix socket", async () => {
		await start(configure(", socketAccess: group"));
		expect(modeOf(path)).toBe(0o660);
	});

	it("an agent replaces the socket of a killed agent, but not the socket of a running agent", async () => {
		const file = configure();
		const first = await start(file);
		first.kill("SIGKILL");
		await first.ended;
		expect(existsSync(path)).toBe(true);
		await start(file);
		await ready();
		const before = statSync(path).ino;
		// The second configuration has its own state file: an agent with the same state file would be refused for that reason already.
		const other = file.replace(".yaml", "-other.yaml");
		writeFileSync(other, readFileSync(file, "utf8"));
		const { code, err } = await runMain(["run", "-c", other], { environment: secrets });
		expect([code, err]).toEqual([2, `${other}: http.socket ${path} is in use. Does another agent run?`]);
		expect(statSync(path).ino).toBe(before);
		expect((await ask("/livez")).status).toBe(200);
	});

	it("an agent never replaces a file at the path http.socket that is not a socket", async () => {
		writeFileSync(path, "mine");
		const file = configure();
		const { code, err } = await runMain(["run", "-c", file], { environment: secrets });
		expect([code, err]).toEqual([2, `${file}: http.socket ${path} exists, and is not a socket: choose another path.`]);
		expect(readFileSync(path, "utf8")).toBe("mine");
	});

	it.each([
		[`${"x".repeat(120)}.sock`, "is longer than 107 bytes: choose a shorter path."],
		[
			"missing/keepalive.sock",
			"cannot be created: EACCES. Check that its folder exists and that the agent may write there.",
		],
	])("http.socket refuses the path %s", async (name, why) => {
		const file = configure();
		writeFileSync(file, readFileSync(file, "utf8").replace(`${count}.sock`, name));
		const { code, err } = await runMain(["run", "-c", file], { environment: secrets });
		expect([code, err]).toEqual([2, `${file}: http.socket ${join(venues.folder, name)} ${why}`]);
	});
});
