import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Config } from "../config/config.ts";
import { call, startRun } from "../testing/agent-process.ts";
import { planted } from "../testing/serve-venues.ts";
import { drillFileOf } from "./drill-file.ts";
import { Drills } from "./drill-results.ts";
import { fingerprintOf } from "./session-fingerprint.ts";
import { drillStage } from "./testing/start-drill-venues.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-drills-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const credentials = { clientId: "id", clientSecret: "secret" };
let made = 0;

/** Creates a configuration with one session, and reads its drills from a file. */
function stage(changed: Partial<Pick<Config, "strategies" | "drill">> = {}) {
	made += 1;
	const config = {
		state: { file: join(folder, `${made}.state.json`) },
		drill: { maxAgeDays: 30 },
		strategies: {},
		sessions: { hedge: { venue: "deribit", client: { credentials } } },
		...changed,
	} as const;
	const file = drillFileOf(config.state);
	const record = (kill: string, at: number, verdict = "proved", fingerprint = fingerprintOf(config, "hedge")) =>
		appendFileSync(
			file,
			`${JSON.stringify({ type: "drill", version: 1, at, session: "hedge", kill, fingerprint, result: { verdict } })}\n`,
		);
	const read = () => {
		const drills = new Drills(config);
		drills.close();
		return drills;
	};
	return {
		config,
		file,
		record,
		dueReason: (now: number) => read().dueReason("hedge", now),
		of: () => read().of("hedge"),
	};
}

const deaths = ["close", "kill", "freeze"];
const dayMs = 86_400_000;

describe("Drills", () => {
	it("Drills says that a drill is due before the first drill, and from the first millisecond after maxAgeDays", () => {
		const { record, dueReason } = stage();
		expect(dueReason(0)).toBe("no drill has proved what happens with --kill close, kill, freeze");
		for (const death of deaths) record(death, death === "kill" ? 1_000 : 5_000);
		expect(dueReason(1_000 + 30 * dayMs)).toBeUndefined();
		expect(dueReason(1_000 + 30 * dayMs + 1)).toBe("the last proof by a drill is 720 h old");
	});

	it("Drills never says that a drill is due when maxAgeDays is not set", () => {
		expect(stage({ drill: {} }).dueReason(0)).toBeUndefined();
	});

	it("Drills also requires a drill with --kill gate for a session that is in a strategy", () => {
		const bot = { sessions: ["hedge"], toleranceMs: 1_000, pulse: { kind: "http" }, isShared: false } as const;
		const { record, dueReason } = stage({ strategies: { bot } });
		for (const death of deaths) record(death, 0);
		expect(dueReason(0)).toBe("no drill has proved what happens with --kill gate");
	});

	it("Drills says that a drill is due after a failed drill, but not after an inconclusive one", () => {
		const { record, dueReason, of } = stage();
		for (const death of deaths) record(death, 0);
		record("kill", 1, "inconclusive");
		expect(dueReason(1)).toBeUndefined();
		record("kill", 2, "not-fired");
		expect(dueReason(2)).toBe("the last drill with --kill kill had the verdict not-fired");
		expect(of()).toMatchObject([
			{ kill: "close", at: 0 },
			{ kill: "kill", at: 2, verdict: "not-fired" },
			{ kill: "freeze" },
		]);
		record("kill", 3);
		expect(dueReason(3)).toBeUndefined();
	});

	it("Drills ignores a missing file, and lines of the file that are no records", () => {
		const { record, file, of } = stage();
		expect(of()).toEqual([]);
		writeFileSync(
			file,
			'nonsense\n{"type":"drill"}\nnull\n{"type":"drill","version":1,"at":1,"session":"hedge","kill":"unplug"',
		);
		appendFileSync(file, "\n");
		record("kill", 1);
		expect(of()).toEqual([{ kill: "kill", verdict: "proved", at: 1, isCurrent: true }]);
	});
});

describe("fingerprintOf", () => {
	const session = { venue: "deribit", intervalSeconds: 10, client: { credentials } } as const;
	const of = (changed: object, strategies: Config["strategies"] = {}) =>
		fingerprintOf({ sessions: { hedge: { ...session, ...changed } }, strategies }, "hedge");

	it("fingerprintOf changes with the key, the secret, the settings and the strategy's tolerance, but not with the order of the settings in the file", () => {
		const bot = { sessions: ["hedge"], toleranceMs: 1_000, pulse: { kind: "http" }, isShared: false } as const;
		const all = [
			of({}),
			of({ intervalSeconds: 20 }),
			of({ client: { credentials: { ...credentials, clientId: "other" } } }),
			of({ client: { credentials: { ...credentials, clientSecret: "other" } } }),
			of({}, { bot }),
			of({}, { bot: { ...bot, toleranceMs: 2_000 } }),
		];
		expect(new Set(all).size).toBe(all.length);
		const { venue, ...rest } = session;
		expect(fingerprintOf({ sessions: { hedge: { ...rest, venue } }, strategies: {} }, "hedge")).toBe(of({}));
	});
});

describe("keepalive run after a drill", () => {
	it("keepalive run shows the drill in /v1/sessions and its age in the metrics, and raises an alert once the settings have changed", async () => {
		const { configure, drill, file } = await drillStage();
		configure(["deribit"], "drill: { maxAgeDays: 30 }\n");
		for (const kill of deaths.slice(0, 2)) expect((await drill(["--kill", kill, "--control", "1"])).code).toBe(0);
		const agent = await startRun(file);
		const { drills, drillDueReason } = await sessionOf(agent.url);
		expect(drills).toMatchObject([
			{ kill: "close", verdict: "proved", isCurrent: true },
			{ kill: "kill", verdict: "proved", isCurrent: true },
		]);
		expect(drillDueReason).toBe("no drill has proved what happens with --kill freeze");
		const metrics = (await call(agent.url, "/metrics")).text;
		expect(metrics).toMatch(
			/keepalive_session_drill_age_seconds\{session="hedge",venue="deribit",kill="kill"\} \d+\.?\d*\n/,
		);
		expect(metrics).toContain('keepalive_session_drill_proved{session="hedge",venue="deribit",kill="close"} 1\n');
		expect(metrics).not.toContain('kill="freeze"');
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		writeFileSync(file, readFileSync(file, "utf8").replace("cancelScope: account", "cancelScope: connection"));
		const changed = await startRun(file);
		expect((await sessionOf(changed.url)).drills).toMatchObject([{ isCurrent: false }, { isCurrent: false }]);
		const raised = 'keepalive_alerts_total{kind="drill",severity="warn"} 1\n';
		let later = "";
		while (!later.includes(raised)) later = (await call(changed.url, "/metrics")).text;
		expect(later).not.toMatch(/drill_age_seconds\{/);
		expect(later).toContain('keepalive_session_drill_proved{session="hedge",venue="deribit",kill="close"} 0\n');
		expect(changed.output() + agent.output() + later).not.toMatch(planted);
		changed.kill("SIGTERM");
		await changed.ended;
	});
});

async function sessionOf(url: string) {
	const { text } = await call(url, "/v1/sessions/hedge");
	// The cast states the type of the API's answer.
	return JSON.parse(text) as { drills?: unknown; drillDueReason?: string };
}
