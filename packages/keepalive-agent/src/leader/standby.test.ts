import { connectDeribit } from "@x/deribit-session";
import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, onTestFinished } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { listenForNotifications, whyNotTested } from "../systemd/testing/notify-socket.ts";
import { call, startRun, until } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { planted } from "../testing/serve-venues.ts";
import { eventually, otherLeads, saysArmed, twoMachines } from "./testing/two-machines.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);
const { signal } = new AbortController();

describe.skipIf(!postgresFolder && !process.env["CI"])("an agent whose sessions another machine leads", () => {
	it("a standby agent shows who leads and since when, is ready for probes and for systemd, and shows no session as armed", async () => {
		const { configOf, environment, lead, folder, deribit } = await otherLeads(["deribit"]);
		await lead();
		const socket = whyNotTested === undefined ? await listenForNotifications(folder) : undefined;
		onTestFinished(() => socket?.close());
		const notify = socket && { NOTIFY_SOCKET: socket.path };
		const { url, output, kill } = await startRun(configOf(2), { ...environment, ...notify });
		onTestFinished(() => void kill("SIGKILL"));
		await until(url, "/readyz", 200);
		expect(JSON.parse((await call(url, "/v1/sessions/hedge")).text)).toMatchObject({
			ready: false,
			armed: false,
			needsHuman: false,
			notReadyReason: expect.stringMatching(/^standby: desk-a\/1 leads since 20\d\d-/),
			status: { state: "standby", leader: { holder: "desk-a/1", epoch: 1, since: expect.any(Number) } },
		});
		const armed = await call(url, "/v1/sessions/hedge/armed");
		expect([armed.status, armed.text]).toEqual([409, expect.stringContaining("session is standby")]);
		const metrics = (await call(url, "/metrics")).text;
		for (const line of ["armed", "ready", "leader"].map((name) => `keepalive_session_${name}{session="hedge"`)) {
			expect(metrics).toContain(`${line},venue="deribit"} 0\n`);
		}
		expect(metrics).toContain('keepalive_session_epoch{session="hedge",venue="deribit"} 1\n');
		await socket?.until("READY=1");
		expect(deribit.received).toEqual([]);
		expect(output()).not.toMatch(planted);
	});

	it("keepalive status at a standby agent exits with 0 while another machine leads, and with 1 once it is not known who leads", async () => {
		const { start, lead, server, configOf } = await otherLeads(["deribit"]);
		await lead();
		const { url } = await start(2);
		await until(url, "/readyz", 200);
		const status = () => runMain(["status", "-c", configOf(2), "--url", url]);
		expect(await status()).toEqual({
			code: 0,
			err: "",
			out: expect.stringMatching(/^hedge +deribit +standby .*standby: desk-a\/1 leads since/),
		});
		await server.halt();
		await until(url, "/readyz", 503);
		const { code, out } = await status();
		expect([code, out]).toEqual([1, expect.stringMatching(/NOT READY .*standby, and nobody knows who leads: /)]);
		expect(out).not.toMatch(planted);
		expect((await call(url, "/metrics")).text).not.toContain("keepalive_session_leader{");
	});

	it("a standby agent arms a session only after the labelled orders of the previous leader are cancelled", async () => {
		const { start, lead, store, deribit, environment, links } = await otherLeads(["deribit"]);
		await lead();
		const { DERIBIT_CLIENT_ID: clientId, DERIBIT_CLIENT_SECRET: clientSecret } = environment;
		const earlier = await connectDeribit({ WebSocket: memoryWebSocket(links.deribit), url: "wss://venue.example" });
		onTestFinished(async () => void (await earlier.disconnect()));
		await earlier.authenticate({ clientId, clientSecret });
		for (const label of ["hedge-1", "hedge-1", "by hand"]) {
			await earlier.call("private/buy", {
				instrument_name: "BTC-PERPETUAL",
				amount: 10,
				type: "limit",
				price: 1,
				label,
			});
		}
		const { url } = await start(2, "", "    orderLabel: hedge\n");
		await until(url, "/readyz", 200);
		expect(deribit.orders().filter(({ state }) => state === "open")).toHaveLength(3);
		await store.release("hedge", "desk-a/1", 1, signal);
		await eventually(() => saysArmed(url));
		expect(JSON.parse((await call(url, "/v1/sessions/hedge/armed")).text)).toMatchObject({ armed: true, epoch: 2 });
		expect(deribit.orders().filter(({ state }) => state === "open")).toHaveLength(1);
	});

	it('a standby agent raises the alert "not-ready" only when it is not known who leads, and the alert "leader" when it takes over', async () => {
		const { start, lead, server, store } = await otherLeads(["deribit"]);
		await lead();
		const { url } = await start(2, "alerts: { notReadySeconds: 10 }\n");
		await until(url, "/readyz", 200);
		const alerts = async () => (await call(url, "/metrics")).text.match(/^keepalive_alerts_total.* [1-9]\d*$/gm) ?? [];
		await new Promise((resolve) => setTimeout(resolve, 12_000));
		expect(await alerts()).toEqual([]);
		await server.halt();
		await eventually(async () => (await alerts()).length > 0);
		expect(await alerts()).toEqual(['keepalive_alerts_total{kind="not-ready",severity="page"} 1']);
		await server.resume();
		await until(url, "/readyz", 200);
		await store.release("hedge", "desk-a/1", 1, signal);
		await eventually(async () => (await alerts()).length > 1);
		expect(await alerts()).toContain('keepalive_alerts_total{kind="leader",severity="info"} 1');
		await until(url, "/v1/sessions/hedge/armed", 200);
		expect((await call(url, "/metrics")).text).toContain(
			'keepalive_session_leader{session="hedge",venue="deribit"} 1\n',
		);
	});

	it("an agent starts as standby while the database cannot be reached, and leads once the database answers", async () => {
		const { start, server } = await otherLeads(["deribit"]);
		await server.halt();
		const { url, output } = await start(2);
		await until(url, "/readyz", 503);
		expect(JSON.parse((await call(url, "/v1/sessions/hedge")).text).status).toMatchObject({
			state: "standby",
			cause: { message: expect.stringContaining("@x/keepalive-postgres: ") },
		});
		await server.resume();
		await until(url, "/v1/sessions/hedge/armed", 200);
		expect(output()).not.toMatch(planted);
	});

	it("a standby agent stays standby when the session thread of the leader dies: the leader leads again, and its epoch rises by one", async () => {
		const { start } = await twoMachines(["deribit"]);
		const first = await start(1);
		await until(first.url, "/v1/sessions/hedge/armed", 200);
		const second = await start(2);
		await until(second.url, "/readyz", 200);
		const leader = async () => (await second.sessions())[0].status.leader;
		const before = await leader();
		first.harm("kill-worker");
		await eventually(async () => (await leader())?.epoch === before.epoch + 1);
		expect(await leader()).toMatchObject({ holder: before.holder });
		await until(first.url, "/v1/sessions/hedge/armed", 200);
		expect((await first.sessions())[0]).toMatchObject({ epoch: before.epoch + 1, tally: { losses: 1, recoveries: 1 } });
	});
});
