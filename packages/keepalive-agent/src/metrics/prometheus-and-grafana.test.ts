import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { call, startRun, until } from "../testing/agent-process.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";

const root = join(import.meta.dirname, "../..");
const rulesFile = join(root, "prometheus/keepalive.rules.yaml");

interface Rules {
	readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Panel {
	readonly id: number;
	readonly title: string;
	readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
	readonly targets: readonly { readonly expr: string }[];
}

// The casts are safe: these files belong to this package, and the tests below rely on their shape.
const rules = (parse(readFileSync(rulesFile, "utf8")) as Rules).groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(readFileSync(join(root, "grafana/keepalive.json"), "utf8")) as {
	readonly panels: readonly Panel[];
};
const expressions = [
	...rules.map(({ alert, expr }) => [alert, expr] as const),
	...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** The program promtool is part of Debian's package `prometheus`. */
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

let metrics: string;
beforeAll(async () => {
	const venues = await serveVenues();
	const alerts = 'alerts: { channels: { team: { type: slack, webhookUrl: "env:HOOK" } } }\n';
	const file = venues.configure(["deribit", "ibkr"], alerts);
	const agent = await startRun(file, { ...secrets, HOOK: "http://127.0.0.1:9/" });
	await until(agent.url, "/readyz", 200);
	metrics = (await call(agent.url, "/metrics")).text;
	agent.kill("SIGKILL");
	await agent.ended;
	await venues.close();
}, 60_000);
afterAll(() => {
	if (!hasPromtool) console.warn("promtool is not installed: the rules were not checked with it");
});

/** Returns the names of all metrics that the agent exports, each with its labels. */
function exported(): Map<string, Set<string>> {
	const found = new Map<string, Set<string>>();
	// This agent takes part in no leader election, so these two metrics have no series. Their names are in the TYPE lines.
	const leader = metrics.matchAll(/^# TYPE (keepalive_session_(?:leader|epoch)) gauge$/gm);
	for (const [, name = ""] of leader) found.set(name, new Set(["session", "venue"]));
	for (const line of metrics.split("\n")) {
		const [, name, labels = ""] = /^([a-z]\w*)(?:\{(.*)\})? /.exec(line) ?? [];
		if (name === undefined) continue;
		const known = found.get(name) ?? new Set();
		for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
		found.set(name, known);
	}
	return found;
}

const metricNames = (expr: string): string[] => expr.match(/\b(?:keepalive|process|nodejs)_\w+/g) ?? [];

describe("the alert rules and the Grafana dashboard", () => {
	it.each(expressions)("%s uses only metrics that the agent exports", (_, expr) => {
		const known = exported();
		expect(metricNames(expr).filter((name) => !known.has(name))).toEqual([]);
	});

	it.each(expressions)("%s uses only labels that its metrics have", (_, expr) => {
		const known = exported();
		// Prometheus adds the labels job and instance.
		const labels = new Set(["job", "instance", ...metricNames(expr).flatMap((name) => [...(known.get(name) ?? [])])]);
		const selected = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, text = ""]) => [...text.matchAll(/(\w+)(?:=|!)/g)]);
		const grouped = [...expr.matchAll(/\b(?:by|ignoring|on) \(([^)]*)\)/g)].flatMap(([, text = ""]) =>
			text.split(/, */),
		);
		const asked = [...selected.map(([, label = ""]) => label), ...grouped];
		expect(asked.filter((label) => !labels.has(label))).toEqual([]);
	});

	it("the alert rules and the Grafana dashboard use every metric whose name begins with keepalive_", () => {
		const used = new Set(expressions.flatMap(([, expr]) => metricNames(expr)));
		const own = [...exported().keys()].filter((name) => name.startsWith("keepalive_") && !/_(sum|count)$/.test(name));
		expect(own.filter((name) => !used.has(name))).toEqual([]);
	});

	it("the Grafana dashboard has panels with unique ids that do not overlap and stay within the width of 24 columns", () => {
		expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
		const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
			Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
		);
		expect(new Set(cells).size).toBe(cells.length);
		expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
	});
});

describe.skipIf(!hasPromtool)("promtool", () => {
	const promtool = (args: readonly string[], input?: string) => {
		const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8", timeout: 60_000 });
		return { status, text: stdout + stderr };
	};

	it("promtool accepts the rules and their tests", () => {
		expect(promtool(["check", "rules", rulesFile])).toMatchObject({ status: 0 });
		const tests = join(root, "prometheus/keepalive.rules.test.yaml");
		expect(promtool(["test", "rules", tests])).toMatchObject({ status: 0, text: expect.stringContaining("SUCCESS") });
	});

	it("promtool parses every expression of the dashboard", () => {
		const grafana: Readonly<Record<string, string>> = { $__rate_interval: "5m", $session: ".*", $venue: ".*" };
		const group = panels.flatMap(({ id, targets }) =>
			targets.map(({ expr }, index) => ({
				record: `panel:${id}:${index}`,
				expr: expr.replace(/\$\w+/g, (name) => grafana[name] ?? name),
			})),
		);
		const folder = mkdtempSync(join(tmpdir(), "agent-dashboard-"));
		const file = join(folder, "rules.json");
		writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules: group }] }));
		expect(promtool(["check", "rules", file])).toMatchObject({ status: 0 });
		rmSync(folder, { recursive: true });
	});

	it("promtool finds no fault in the metrics whose names begin with keepalive_", () => {
		const { text } = promtool(["check", "metrics"], metrics);
		expect(text.split("\n").filter((line) => line.startsWith("keepalive_") || line.includes("error"))).toEqual([]);
	});
});
