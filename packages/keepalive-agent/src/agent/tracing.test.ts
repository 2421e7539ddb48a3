import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startRun, until } from "../testing/agent-process.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const preload = (url: string): Readonly<Record<string, string>> => ({ NODE_OPTIONS: `--import=${url}` });
const instrumentation = new URL("../testing/span-file-exporter.ts", import.meta.url).href;
/** Hides `@opentelemetry/api` from `@x/keepalive`, as if it were not installed. The package prom-client needs it and still finds it. */
const withoutApi = `data:text/javascript,${encodeURIComponent(`
	import { registerHooks } from "node:module";
	registerHooks({
		resolve(name, context, next) {
			const isHidden = name === "@opentelemetry/api" && !context.parentURL.includes("prom-client");
			if (isHidden) throw Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" });
			return next(name, context);
		},
	});
`)}`;

describe("OpenTelemetry tracing of the agent", () => {
	it("the agent's tracing sends the spans of the session thread to an SDK that NODE_OPTIONS preloads, without any secret", async () => {
		const venues = await serveVenues();
		closers.push(() => venues.close());
		const file = join(venues.folder, "spans.jsonl");
		writeFileSync(file, "");
		const program = join(import.meta.dirname, "../testing/keepalive-program.ts");
		const agent = spawn(process.execPath, [program, "run", "-c", venues.configure(["deribit", "bybit"])], {
			env: { ...process.env, ...secrets, ...preload(instrumentation), SPANS_FILE: file },
			stdio: "ignore",
			timeout: 120_000,
			killSignal: "SIGKILL",
		});
		const ended = new Promise((resolve) => agent.on("close", resolve));
		closers.push(() => agent.kill("SIGKILL"));
		const read = () =>
			readFileSync(file, "utf8")
				.split("\n")
				.slice(0, -1)
				.map((line) => JSON.parse(line));
		const named = (name: string, session: string) =>
			read().filter((span) => span.name === name && span.attributes["keepalive.session"] === session);
		await vi.waitFor(() => {
			expect(named("keepalive.beat", "hedge").length).toBeGreaterThan(1);
			expect(named("keepalive.beat", "maker").length).toBeGreaterThan(1);
		}, 60_000);
		agent.kill("SIGTERM");
		expect(await ended).toBe(0);
		for (const session of ["hedge", "maker"]) {
			expect(named("keepalive.open", session)).toMatchObject([
				{ isChild: false, attributes: { "keepalive.protection": "armed" } },
			]);
			expect(named("keepalive.verify", session)).toMatchObject([{ isChild: true }]);
			expect(named("keepalive.close", session)).toMatchObject([
				{ attributes: { "keepalive.orders.requested": "keep" } },
			]);
		}
		expect(new Set(read().map(({ threadId }) => threadId)).has(0)).toBe(false);
		expect(readFileSync(file, "utf8")).not.toMatch(planted);
	}, 120_000);

	it("the agent's tracing prints spans, without any secret, when NODE_OPTIONS preloads the example that the README names", async () => {
		const venues = await serveVenues();
		closers.push(() => venues.close());
		const example = new URL("../../../../examples/instrumentation.mjs", import.meta.url).href;
		const agent = await startRun(venues.configure(["deribit"]), { ...secrets, ...preload(example) });
		closers.push(() => agent.kill("SIGKILL"));
		await agent.wrote("name: 'keepalive.open'");
		expect(agent.output()).not.toMatch(planted);
	}, 120_000);

	it("the agent's tracing creates no spans when @opentelemetry/api cannot be resolved, and the agent then runs without a warning", async () => {
		const venues = await serveVenues();
		closers.push(() => venues.close());
		const agent = await startRun(venues.configure(["deribit"]), { ...secrets, ...preload(withoutApi) });
		closers.push(() => agent.kill("SIGKILL"));
		await until(agent.url, "/readyz", 200);
		expect(agent.output()).not.toMatch(/opentelemetry|no spans|Warning/i);
	}, 120_000);
});
