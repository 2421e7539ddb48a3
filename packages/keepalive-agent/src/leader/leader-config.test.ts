import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load-config.ts";
import { runMain } from "../testing/run-main.ts";
import { hasLeader } from "./leader-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-leader-config-"));
const file = join(folder, "desk.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = { ID: "an-id", SECRET: "planted", URL: "postgres://a:planted@127.0.0.1/b", ODD: "http://planted" };
const hedge = `{ venue: deribit, client: { credentials: { clientId: "env:ID", clientSecret: "env:SECRET" } }`;
const maker = `{ venue: bybit, products: [SPOT], client: { apiKey: "env:ID", apiSecret: "env:SECRET" }`;
const strategies = "strategies: { bot: { sessions: [maker], toleranceMs: 5000, pulseFile: pulse } }\n";

const write = (leader: string, sessions: string): void =>
	writeFileSync(file, `${leader}\nordersOnStop: keep\nsessions:\n${sessions}`);
const load = (leader: string, sessions = `  hedge: ${hedge} }\n`) => {
	write(leader, sessions);
	return loadConfig(file, environment);
};
function refusal(...parameters: Parameters<typeof load>): string {
	try {
		load(...parameters);
	} catch (error) {
		if (error instanceof ConfigError) return error.message.replaceAll(folder, "");
	}
	return expect.fail("it was not refused");
}
const taking = ({ leader, sessions }: ReturnType<typeof load>) =>
	Object.entries(sessions).flatMap(([name, session]) => (hasLeader(leader, session) ? [name] : []));

describe("the configuration section `leader`", () => {
	it("the section `leader` is undefined by default, and then no session takes part in a leader election", () => {
		const config = load("");
		expect([config.leader, taking(config)]).toEqual([undefined, []]);
	});

	it("the section `leader` takes the database URL from a secret, and applies to all sessions at Deribit and IBKR except those with `leader: false`", () => {
		const sessions = `  hedge: ${hedge} }\n  spare: ${hedge}, leader: false }\n  broker: { venue: ibkr }\n`;
		const config = load("leader: { postgresUrl: env:URL, table: desk.leader, ttlMs: 30000, renewMs: 10000 }", sessions);
		expect(config.leader).toEqual({
			postgresUrl: environment.URL,
			table: "desk.leader",
			ttlMs: 30_000,
			renewMs: 10_000,
		});
		expect(taking(config)).toEqual(["hedge", "broker"]);
	});

	it.each([
		["{ postgresUrl: postgres://a:planted@b }", "leader.postgresUrl is a secret, and must not be in this file"],
		["{ postgresUrl: env:ODD }", "leader.postgresUrl must be a postgres:// URL"],
		["{ postgresUrl: env:ABSENT }", "leader.postgresUrl needs the environment variable ABSENT"],
		["{ ttlMs: 15000 }", "leader needs postgresUrl or postgresUrlFile or kubernetes"],
		["{ postgresUrl: env:URL, tabel: x }", "leader.tabel is not known. Did you mean table?"],
		["{ postgresUrl: env:URL, table: a; drop }", "leader.table must be letters, digits and _ with at most one dot"],
		["{ postgresUrl: env:URL, ttlMs: 4999 }", "leader.ttlMs must be"],
		["{ postgresUrl: env:URL, ttlMs: 15000, renewMs: 5001 }", "leader.renewMs must be 5000 or less, a third of ttlMs"],
		["{ postgresUrl: env:URL, marginMs: 1149 }", "leader.marginMs must be from 1150"],
		["{ postgresUrl: env:URL, pollMs: 0 }", "leader.pollMs must be"],
	])("the section `leader` is refused with file, line and key, and without a secret: %s", (section, message) => {
		const refused = refusal(`\nleader: ${section}`);
		expect(refused).toContain(`/desk.yaml:2: ${message}`);
		expect(refused).not.toContain("planted");
	});

	it("the section `leader` may have Kubernetes options instead of a database; these are checked before anything connects", () => {
		const inPod = `{ kubernetes: { url: "https://10.0.0.1", namespace: trading, serviceAccountFolder: ${folder} } }`;
		writeFileSync(join(folder, "token"), "planted");
		expect(load(`leader: ${inPod}`).leader).toMatchObject({ kubernetes: { namespace: "trading" } });
		const shared = strategies.replace("pulseFile", "shared: true, pulseFile");
		const both = `  hedge: ${hedge} }\n  maker: ${maker} }\n`;
		expect(refusal(`leader: ${inPod}\n${shared}`, both)).toContain("strategies.bot.shared needs leader.postgresUrl");
		expect(refusal(`leader: ${inPod.replace(folder, "/nowhere")}`)).toContain(
			"leader.kubernetes.serviceAccountFolder must be given: there is no file /nowhere/token",
		);
		expect(refusal("leader: { kubernetes: {} }")).toContain("desk.yaml:1: leader.kubernetes.url must be given");
		expect(refusal('leader: { kubernetes: { url: "https://10.0.0.1", namespace: "A b" } }')).toContain(
			"leader.kubernetes.namespace must be lower-case letters",
		);
		expect(refusal("leader: { kubernetes: {}, postgresUrl: env:URL }")).toContain("leader needs only one of");
		expect(refusal(`leader: ${inPod.replace("kubernetes", "table: x, kubernetes")}`)).toContain(
			"leader.table is only allowed with postgresUrl",
		);
	});

	it("the section `leader` reports all its problems at once", () => {
		const refused = refusal("leader: { postgresUrl: env:ODD, renewMs: 6000, pollMs: 1 }");
		expect(refused.match(/leader\.\w+/g)).toEqual(["leader.postgresUrl", "leader.pollMs", "leader.renewMs"]);
	});

	it("keepalive run exits with 2 when the section `leader` is refused", async () => {
		write("leader: { postgresUrl: env:URL, ttlMs: 15000, renewMs: 5001 }", `  hedge: ${hedge} }\n`);
		const { code, err } = await runMain(["run", "-c", file], { environment });
		expect([code, err]).toEqual([2, expect.stringContaining("desk.yaml:1: leader.renewMs must be 5000 or less")]);
	});

	it("the section `leader` is refused when no session takes part in the leader election", () => {
		const section = "leader: { postgresUrl: env:URL }";
		expect(refusal(section, `  hedge: ${hedge}, leader: false }\n`)).toContain(
			"leader is set, but no session takes part in the leader election",
		);
	});
});

describe("loadConfig with the section `leader`", () => {
	const section = "leader: { postgresUrl: env:URL }\n";

	it("with the section `leader`, loadConfig refuses a session at Bybit unless the session is in a strategy or has `leader: false`", () => {
		const withMaker = (more: string) => `  hedge: ${hedge} }\n  maker: ${maker}${more} }\n`;
		expect(refusal(section, withMaker(""))).toContain(
			"desk.yaml:6: sessions.maker must be in strategies, or have leader: false, when the section leader is given",
		);
		expect(refusal(section, withMaker(", leader: true"))).toContain("sessions.maker.leader must be false or left out");
		expect(taking(load(section, withMaker(", leader: false")))).toEqual(["hedge"]);
		expect(taking(load(`${section}${strategies}`, withMaker("")))).toEqual(["hedge"]);
	});

	it("if every session is at Bybit, loadConfig accepts the section `leader` only with a strategy that has `shared: true`", () => {
		const maker1 = `  maker: ${maker} }\n`;
		const shared = strategies.replace("pulseFile", "shared: true, pulseFile");
		expect(refusal(`${section}${strategies}`, maker1)).toContain(
			"leader is set, but no session takes part in the leader election",
		);
		expect(taking(load(`${section}${shared}`, maker1))).toEqual([]);
		expect(refusal(shared, maker1)).toContain("strategies.bot.shared needs leader.postgresUrl");
		expect(refusal(strategies.replace("[maker]", "[toString]"), maker1)).toContain(
			"names toString, which is not in sessions",
		);
		const both = shared.replace("[maker]", "[maker, hedge]");
		expect(refusal(`${section}${both}`, `${maker1}  hedge: ${hedge} }\n`)).toContain(
			"strategies.bot.shared is for sessions at Bybit",
		);
	});

	it("loadConfig refuses logoutOnClose for an IBKR session in a leader election: the logout would end the next leader's session", () => {
		const broker = (more: string) => `  broker: { venue: ibkr${more} }\n`;
		const refused = refusal(section, `  hedge: ${hedge} }\n${broker(", logoutOnClose: true")}`);
		expect(refused).toContain("desk.yaml:6: sessions.broker.logoutOnClose must be false or left out");
		expect(taking(load(section, broker(", logoutOnClose: false")))).toEqual(["broker"]);
		const spare = `  hedge: ${hedge} }\n${broker(", logoutOnClose: true, leader: false")}`;
		expect(taking(load(section, spare))).toEqual(["hedge"]);
	});

	it("loadConfig refuses orderLabel for a session outside the leader election, and a label that is too long or used by another session", () => {
		const labelled = (more: string) => `  hedge: ${hedge}, orderLabel: ${more} }\n`;
		const needs =
			"sessions.hedge.orderLabel needs the section leader, and is not allowed in a session with leader: false";
		expect(refusal("", labelled("hedge"))).toContain(needs);
		expect(refusal(section, `${labelled("hedge, leader: false")}  broker: { venue: ibkr }\n`)).toContain(needs);
		expect(refusal(section, labelled("x".repeat(48)))).toContain("sessions.hedge.orderLabel must");
		expect(taking(load(section, labelled("x".repeat(47))))).toEqual(["hedge"]);
		expect(refusal(section, `${labelled("bot")}  spare: ${hedge}, orderLabel: bot }\n`)).toContain(
			"sessions.spare.orderLabel is also the orderLabel of session hedge",
		);
	});

	it("without a section `leader`, loadConfig refuses `leader: true` in a session and accepts `leader: false`", () => {
		expect(refusal("", `  hedge: ${hedge}, leader: true }\n`)).toContain("hedge.leader needs the section leader");
		expect(taking(load("", `  hedge: ${hedge}, leader: false }\n`))).toEqual([]);
	});
});
