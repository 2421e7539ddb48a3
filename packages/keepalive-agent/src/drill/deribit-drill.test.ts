import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockFile } from "../state/file-lock.ts";
import { planted, secrets } from "../testing/serve-venues.ts";
import { drillStage } from "./testing/start-drill-venues.ts";

const quick = ["--control", "1"];
const [close, kill, freeze] = ["close", "kill", "freeze"].map((each) => ["--kill", each, ...quick]) as [
	string[],
	string[],
	string[],
];
/** This option shortens each second of a heartbeat interval to 50 ms, so that the simulator notices a silent connection soon. */
const shortSeconds = { heartbeatSecondMs: 50 };
const strategies = "strategies: { bot: { sessions: [hedge], toleranceMs: 1000 } }\n";

async function stage(...parameters: Parameters<typeof drillStage>) {
	const venues = await drillStage(...parameters);
	venues.configure(["deribit"]);
	return venues;
}

/** Calls `action` at the first line of progress that contains `text`. */
const at = (text: string, action: () => unknown) => (line: string) => void (line.includes(text) && action());

describe.concurrent("keepalive drill at Deribit", () => {
	it('keepalive drill proves that Deribit cancels the order after the kills "close" and "kill", and leaves neither an order nor a secret behind', async () => {
		const { drill, deribit, written } = await stage();
		for (const args of [close, kill]) {
			const { code, records, err } = await drill(args);
			const death = args[1];
			const proved = { kill: death, expects: "cancel", result: { verdict: "proved" }, cleanup: "not-needed" };
			expect(records, err).toMatchObject([{ session: "hedge", venue: "deribit", ...proved }]);
			const [record] = records;
			expect(code).toBe(0);
			expect(record?.measured?.sinceDeathMs).toBeLessThan(1_000);
			expect(record?.measured?.sinceLastBeatMs).toBeGreaterThanOrEqual(record?.measured?.sinceDeathMs ?? 0);
			expect(record?.controlMs).toBeGreaterThanOrEqual(999);
			expect(JSON.stringify(records) + err).not.toMatch(planted);
		}
		const order = { state: "cancelled", cancelReason: "cancel_on_disconnect", postOnly: true, amount: 10 };
		expect(deribit.orders()).toMatchObject([order, order]);
		expect(new Set(deribit.orders().map(({ connection }) => connection)).size).toBe(2);
		expect(written()).toMatchObject({ records: [{ kill: "close" }, { kill: "kill" }], mode: 0o600 });
	});

	it("keepalive drill proves that Deribit cancels the order when the session's process is frozen, and shows the exposure stated for a silent connection", async () => {
		const { drill, links } = await stage({ deribit: shortSeconds });
		const { code, records, err } = await drill(freeze);
		expect(records, err).toMatchObject([{ result: { verdict: "proved" }, statedMs: 23_000 }]);
		// No connection was closed: the venue cancels only when its test request has had no answer for the allowed time.
		expect(records[0]?.measured?.sinceDeathMs).toBeGreaterThan(500);
		expect(code).toBe(0);
		expect(links.deribit.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it('keepalive drill proves for the kill "gate" that Deribit cancels the order after the last pulse (health signal) of the strategy', async () => {
		const { drill, configure } = await stage();
		configure(["deribit"], strategies);
		const { code, records, err } = await drill(["--kill", "gate", ...quick]);
		expect(records, err).toMatchObject([{ kill: "gate", result: { verdict: "proved" } }]);
		expect(records[0]?.measured?.sinceDeathMs).toBeGreaterThanOrEqual(990);
		expect(records[0]?.measured?.sinceDeathMs).toBeLessThan(3_000);
		expect(code).toBe(0);
	});

	it('keepalive drill reports "not fired" when Deribit has not cancelled the order, then cancels the order by its label and reports that too', async () => {
		const { drill, deribit } = await stage({ deribit: { disconnectFires: false } });
		const { code, records, err } = await drill(kill);
		expect(records, err).toMatchObject([{ result: { verdict: "not-fired" }, cleanup: "cancelled" }]);
		expect(err).toContain("CLEANED UP: the order drill-kill-");
		expect(deribit.orders()).toMatchObject([{ state: "cancelled", cancelReason: "user_request" }]);
		expect(code).toBe(3);
	});

	it('keepalive drill reports "fired late" when the venue cancels later than the stated time plus the allowance', async () => {
		const { drill } = await stage({ deribit: { cancelDelayMs: 2_500 } });
		const { code, records, err } = await drill(kill);
		expect(records, err).toMatchObject([{ result: { verdict: "fired-late" }, cleanup: "not-needed", statedMs: 0 }]);
		const [record] = records;
		if (record?.result.verdict !== "fired-late") throw new Error(err);
		expect(record.result.lateByMs).toBe((record.measured?.sinceDeathMs ?? 0) - (record.allowanceMs ?? 0));
		expect(record.measured?.sinceDeathMs).toBeGreaterThanOrEqual(2_490);
		expect(code).toBe(3);
	});

	it('keepalive drill reports "wrong reason" when the venue cancels the order for another reason than the death of the session, before or after that death', async () => {
		const { drill, deribit } = await stage({ deribit: { disconnectFires: false } });
		const venueCancels = () => deribit.faults.cancel({ reason: "mmp_trigger" });
		const early = await drill(kill, at("control period", venueCancels));
		expect(early.records, early.err).toMatchObject([{ result: { verdict: "wrong-reason", reason: "mmp_trigger" } }]);
		const late = await drill(kill, at("watch for up to", venueCancels));
		expect(late.records, late.err).toMatchObject([{ result: { verdict: "wrong-reason", reason: "mmp_trigger" } }]);
		expect([early.code, late.code]).toEqual([3, 3]);
	});

	it('keepalive drill reports "filled" after a full or partial fill, cancels the rest of the order, and skips the remaining ways to kill the session', async () => {
		const { drill, deribit } = await stage({ deribit: { disconnectFires: false } });
		const fills = at("control period", () => deribit.faults.fill({ amount: 4 }));
		const { code, records, err } = await drill(quick, fills);
		expect(records, err).toMatchObject([{ kill: "close", result: { verdict: "filled", amount: "4" } }]);
		expect(deribit.orders()).toMatchObject([{ state: "cancelled", filledAmount: 4 }]);
		expect(code).toBe(3);
	});

	it('keepalive drill reports "inconclusive" when the session is lost before the drill kills it', async () => {
		const { drill, links } = await stage();
		const { code, records, err } = await drill(
			kill,
			at("control period", () => links.deribit.faults.drop({})),
		);
		expect(records, err).toMatchObject([{ result: { verdict: "inconclusive" }, cleanup: "not-needed" }]);
		expect(code).toBe(1);
	});

	it('keepalive drill reports "inconclusive" and places no order when the venue confirms cancel-on-disconnect but does not switch it on', async () => {
		const { drill, deribit, configure } = await stage();
		configure(["deribit"], "keeper: { openTimeoutMs: 1500 }\n");
		deribit.faults.ignoreArming({});
		const { code, records, err } = await drill(kill);
		expect(records, err).toMatchObject([{ result: { verdict: "inconclusive" }, cleanup: "not-needed" }]);
		expect(deribit.orders()).toEqual([]);
		expect(code).toBe(1);
	});

	it("keepalive drill cancels the order when the user interrupts the drill", async () => {
		const { drill, deribit } = await stage({ deribit: { disconnectFires: false } });
		const interrupt = new AbortController();
		const { code, records, err } = await drill(
			kill,
			at("control period", () => interrupt.abort()),
			interrupt.signal,
		);
		const interrupted = { verdict: "inconclusive", why: "interrupted" };
		expect(records, err).toMatchObject([{ result: interrupted, cleanup: "cancelled" }]);
		expect(deribit.orders()).toMatchObject([{ state: "cancelled", cancelReason: "user_request" }]);
		expect(code).toBe(1);
	});

	it("keepalive drill cancels the order when its own process gets SIGINT, even twice, and leaves no process behind", async () => {
		const { file, deribit } = await stage({ deribit: { disconnectFires: false } });
		const program = join(import.meta.dirname, "../testing/keepalive-program.ts");
		const child = spawn(process.execPath, [program, "drill", "-c", file, ...kill, "--control", "60"], {
			env: { ...process.env, ...secrets },
			timeout: 60_000,
			killSignal: "SIGKILL",
		});
		let output = "";
		child.stderr.on("data", (chunk: Buffer) => {
			output += chunk.toString();
			if (!/control period/.test(chunk.toString())) return;
			child.kill("SIGINT");
			child.kill("SIGINT");
		});
		const code = await new Promise((resolve) => child.on("close", resolve));
		expect([code, deribit.orders()], output).toMatchObject([1, [{ state: "cancelled", cancelReason: "user_request" }]]);
		expect(deribit.truth().connections).toEqual([]);
	});
});

describe.concurrent("keepalive drill, before it places an order,", () => {
	it("keepalive drill refuses a production host without connecting to it", async () => {
		const { drill, folder } = await stage();
		const url = "wss://www.deribit.com/ws/api/v2";
		const credentials = '{ clientId: "env:DERIBIT_CLIENT_ID", clientSecret: "env:DERIBIT_CLIENT_SECRET" }';
		const session = `hedge: { venue: deribit, client: { url: "${url}", credentials: ${credentials} } }`;
		writeFileSync(join(folder, "keepalive.yaml"), `ordersOnStop: keep\nhttp: { port: 0 }\nsessions: { ${session} }\n`);
		const { code, err } = await drill(kill);
		expect([code, err]).toMatchObject([2, expect.stringContaining("www.deribit.com is not a test system")]);
	});

	it("keepalive drill refuses a venue on this machine that does not say that it is a test system", async () => {
		const { drill, deribit } = await stage({ deribit: { testnet: false } });
		const { code, err } = await drill(kill);
		expect([code, err]).toMatchObject([2, expect.stringContaining("does not say that this is its test system")]);
		expect(deribit.received.map(({ method }) => method)).toEqual(["public/get_time"]);
	});

	it("keepalive drill refuses an account with other open orders, unless the user says how many there are", async () => {
		const { drill, deribit, links } = await stage({ deribit: { accountArmed: false } });
		const { connectDeribit } = await import("@x/deribit-session");
		const { memoryWebSocket } = await import("@x/venue-sims");
		const other = await connectDeribit({ WebSocket: memoryWebSocket(links.deribit) });
		await other.authenticate({ clientId: secrets.DERIBIT_CLIENT_ID, clientSecret: secrets.DERIBIT_CLIENT_SECRET });
		deribit.faults.place({});
		const refused = await drill(kill);
		expect([refused.code, refused.err]).toMatchObject([2, expect.stringContaining("has 1 open orders")]);
		expect((await drill([...kill, "--other-orders", "2"])).code).toBe(2);
		expect(deribit.orders()).toHaveLength(1);
		expect((await drill([...kill, "--other-orders", "1"])).code).toBe(0);
		// An order that another connection has placed stays open.
		expect(deribit.orders()).toMatchObject([{ state: "open" }, { state: "cancelled" }]);
		await other.disconnect();
	});

	it("keepalive drill refuses to start while an agent runs with the same configuration", async () => {
		const { drill, folder, deribit } = await stage();
		const state = { version: 1, savedAt: Date.now(), ended: false, sessions: {} };
		writeFileSync(join(folder, "keepalive.state.json"), JSON.stringify(state));
		const { code, err } = await drill(kill);
		expect([code, err]).toMatchObject([2, expect.stringContaining("by an agent that has not ended")]);
		expect(deribit.received).toEqual([]);
	});

	it("keepalive drill keeps an agent with the same configuration from being started until the drill has ended", async () => {
		const { drill, folder } = await stage();
		const state = join(folder, "keepalive.state.json");
		const during: string[] = [];
		const tryLock = async (): Promise<string> => {
			const locked = await lockFile(state, 0);
			if (locked.result === "locked") locked.release();
			return locked.result;
		};
		const { code } = await drill(kill, () => void tryLock().then((result) => during.push(result)));
		expect([code, during.includes("held"), await tryLock()]).toEqual([0, true, "locked"]);
	});

	it("keepalive drill refuses to start while an agent at the configured port has a session of the same name", async () => {
		const { drill, file, deribit } = await stage();
		const agent = createServer((_, response) => response.end('{"at":0,"sessions":[{"name":"hedge"}]}'));
		await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		const { port } = agent.address() as AddressInfo;
		writeFileSync(file, readFileSync(file, "utf8").replace("port: 0", `port: ${port}`));
		const { code, err } = await drill(kill);
		agent.close();
		expect([code, err]).toMatchObject([2, expect.stringContaining(`an agent answers at port ${port}`)]);
		expect(deribit.received).toEqual([]);
	});

	it.each([
		[["--kill", "unplug"], '--kill must be close, kill, freeze, gate or all, got "unplug"'],
		[["--kill", "gate"], "--kill gate needs a strategy: none in the configuration lists the session hedge"],
		[["--session", "other"], 'there is no session "other"'],
		[["--control", "0"], '--control must be a number of seconds above 0, got "0"'],
		[["--other-orders", ""], '--other-orders must be a whole number, got ""'],
		[["--price", "x"], '--price must be a number above 0, got "x"'],
	])("keepalive drill refuses the arguments %j", async (args, expected) => {
		const { drill } = await stage();
		const { code, err } = await drill(args);
		expect([code, err]).toMatchObject([2, expect.stringContaining(expected)]);
	});
});
