import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository } from "./testing/run-command.ts";

let project: string;
beforeEach(() => {
	project = mkdtempSync(join(tmpdir(), "import-rules-"));
	copyFileSync(join(repository, "biome.json"), join(project, "biome.json"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** Lints a text as if it were a source file at this path. */
function lint(path: string, text: string): { ok: boolean; output: string } {
	const file = join(project, path);
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, text);
	const biome = join(repository, "node_modules/@biomejs/biome/bin/biome");
	const run = spawnSync(process.execPath, [biome, "lint", "--error-on-warnings", path], {
		cwd: project,
		encoding: "utf8",
		timeout: 30_000,
	});
	return { ok: run.status === 0, output: `${run.stdout}${run.stderr}` };
}

const callOf = (timer: string): string => `export const later = (work: () => void): unknown => ${timer}(work, 1);\n`;
const use = (module: string): string => `import * as it from "${module}";\nexport const used = it;\n`;

describe("lint refuses", () => {
	it.each([
		["packages/deribit-session/src/a.ts", "@x/keepalive", "no workspace package"],
		["packages/ibkr-session/src/a.ts", "@x/deribit-session", "no workspace package"],
		["packages/bybit-dcp/src/a.ts", "@x/venue-sims", "no workspace package"],
		["packages/bybit-dcp/src/a.ts", "@x/ibkr-session/gateway", "no workspace package"],
		["packages/bybit-dcp/src/a.ts", "node:crypto", "portable"],
		["packages/base/src/a.ts", "@x/keepalive", "imports no workspace package"],
		["packages/base/src/a.ts", "node:crypto", "portable"],
		["packages/venue-sims/src/a.ts", "@x/bybit-dcp", "on the wire alone"],
		["packages/venue-sims/src/a.ts", "@x/base/clock", "on the wire alone"],
		["packages/keepalive/src/a.ts", "@x/deribit-session", "knows no venue"],
		["packages/keepalive/src/a.ts", "./venues/deribit/index.ts", "knows no venue"],
		["packages/keepalive/src/loop/a.ts", "@opentelemetry/api", "only its subpath loads it"],
		["packages/keepalive/src/a.ts", "./opentelemetry/index.ts", "only its subpath loads it"],
		["packages/keepalive/src/opentelemetry/a.ts", "../venues/deribit/index.ts", "knows no venue"],
		["packages/keepalive/src/venues/deribit/a.ts", "@x/ibkr-session/gateway", "must not load another"],
		["packages/keepalive/src/venues/ibkr/a.ts", "../bybit/index.ts", "must not load another"],
		["packages/keepalive/src/venues/bybit/a.ts", "@x/deribit-session", "must not load another"],
	])("lint refuses in %s an import of %s", (path, module, reason) => {
		const { ok, output } = lint(path, use(module));
		expect(ok).toBe(false);
		expect(output).toContain(reason);
	});

	it.each([
		["packages/base/src/a.ts", "setTimeout"],
		["packages/base/src/a.ts", "setInterval"],
		["packages/deribit-session/src/a.ts", "setTimeout"],
		["packages/deribit-session/src/time.ts", "setTimeout"],
		["packages/keepalive/src/loop/a.ts", "setInterval"],
		["packages/keepalive/src/time.ts", "setTimeout"],
		["packages/venue-sims/src/a.ts", "setTimeout"],
		["packages/venue-sims/src/bybit/time.ts", "setTimeout"],
	])("lint refuses in %s a call of %s", (path, timer) => {
		const { ok, output } = lint(path, callOf(timer));
		expect(ok).toBe(false);
		expect(output).toContain("@x/base/clock");
	});
});

describe("lint accepts", () => {
	it.each([
		["packages/deribit-session/src/a.ts", "openapi-fetch"],
		["packages/deribit-session/src/a.ts", "@x/base/clock"],
		["packages/keepalive/src/a.ts", "@x/base/clock"],
		["packages/keepalive/src/venues/ibkr/a.ts", "@x/base/clock"],
		["packages/keepalive/src/venues/deribit/a.ts", "@x/deribit-session"],
		["packages/keepalive/src/venues/deribit/a.ts", "../../session.ts"],
		["packages/deribit-session/src/a.test.ts", "@x/venue-sims"],
		["packages/venue-sims/src/a.ts", "node:crypto"],
		["packages/ibkr-session/src/gateway/a.ts", "node:https"],
	])("lint accepts in %s an import of %s", (path, module) => {
		expect(lint(path, use(module))).toMatchObject({ ok: true });
	});

	it.each(["packages/base/src/clock.ts", "packages/venue-sims/src/timers.ts"])("lint accepts timers in %s", (path) => {
		expect(lint(path, callOf("setTimeout"))).toMatchObject({ ok: true });
		expect(lint(path, callOf("setInterval"))).toMatchObject({ ok: true });
	});
});
