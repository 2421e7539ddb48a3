import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startRun, until } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { secrets, serveVenues, type VenueOptions } from "../testing/serve-venues.ts";
import { lockFile } from "./file-lock.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: VenueOptions = {}) {
	const venues = await serveVenues(options);
	closers.push(() => venues.close());
	/** Copies the configuration under another name, with one line replaced. */
	const second = (line: string, by: string): string => {
		const file = join(venues.folder, "second.yaml");
		writeFileSync(file, readFileSync(venues.file, "utf8").replace(line, by));
		return file;
	};
	return { ...venues, second };
}

async function start(file: string) {
	const agent = await startRun(file);
	closers.push(() => agent.kill("SIGKILL"));
	return agent;
}

describe("a second agent", () => {
	it.each([
		["state", "state.json", "state: { file: state.json }", "state: { file: ./state.json }"],
		[
			"history",
			"night.sqlite",
			"history: { file: night.sqlite }",
			"state: { file: other.json }\nhistory: { file: night.sqlite }",
		],
	])("a second agent with the same %s file exits 2 and opens no session", async (section, name, one, other) => {
		const { configure, second, folder, deribit } = await serve();
		const began = Date.now();
		const first = await start(configure(["deribit"], `${one}\n`));
		await until(first.url, "/readyz", 200);
		const file = second(one, other);
		const logins = deribit.received.length;
		const { code, err } = await runMain(["run", "-c", file], { environment: secrets });
		expect(code).toBe(2);
		const [, since = ""] = /since (\S+)\)/.exec(err) ?? [];
		expect(err).toBe(
			`${file}: ${section}.file is in use by another agent or drill: ${join(folder, name)} (process ${first.pid} on ${hostname()}, ` +
				`since ${since}). Stop it first, or give this one a ${section}.file of its own.`,
		);
		expect(Date.parse(since)).toBeGreaterThanOrEqual(began);
		expect(deribit.received.slice(logins).map(({ method }) => method)).not.toContain("public/auth");
		// The first agent is still ready, and the second agent has left no file locked.
		await until(first.url, "/readyz", 200);
		expect((await lockFile(join(folder, "other.json"), 0)).result).toBe("locked");
	});

	it("a second agent does not start while a frozen agent holds the lock, even if the path has a symbolic link", async () => {
		const { configure, second, folder } = await serve();
		symlinkSync(folder, join(folder, "link"));
		const first = await start(configure(["deribit"], "state: { file: state.json }\n"));
		first.kill("SIGSTOP");
		const file = second("state.json", "link/state.json");
		expect(await runMain(["run", "-c", file], { environment: secrets })).toMatchObject({
			code: 2,
			err: expect.stringContaining(`process ${first.pid} `),
		});
	});

	it("a second agent starts at once after kill -9 of the first agent, even if another process has reused that process id", async () => {
		const { configure, folder } = await serve();
		const file = configure(["deribit"]);
		const first = await start(file);
		first.kill("SIGKILL");
		await first.ended;
		const left = join(folder, "keepalive.state.json.lock.holder");
		writeFileSync(left, JSON.stringify({ ...JSON.parse(readFileSync(left, "utf8")), pid: process.pid }));
		const second = await start(file);
		await until(second.url, "/readyz", 200);
	});

	it("a second agent waits for a first agent that is about to end", async () => {
		const { configure } = await serve();
		const file = configure(["deribit"]);
		const first = await start(file);
		await until(first.url, "/readyz", 200);
		first.kill("SIGTERM");
		const second = await start(file);
		await until(second.url, "/readyz", 200);
		expect(second.output()).not.toContain("found-dead");
	});
});

describe("an agent that cannot remove the file that describes the holder of its lock", () => {
	it("an agent exits with the code of the failure that ended it, and reports the file that it could not remove", async () => {
		const { configure, folder, links } = await serve({ deribit: { clientSecret: "another" } });
		links.deribit.partition();
		const agent = await start(configure(["deribit"]));
		const holder = join(folder, "keepalive.state.json.lock.holder");
		// The file is replaced by a folder: like a file in a read-only folder, it cannot be removed.
		rmSync(holder);
		mkdirSync(holder);
		links.deribit.heal();
		expect(await agent.ended).toBe(3);
		expect(agent.output()).toContain(
			"keepalive.state.json.lock.holder could not be removed (ERR_FS_EISDIR): delete it",
		);
	});
});

describe("lockFile", () => {
	it("lockFile releases the lock even if the file that describes its holder cannot be removed", async () => {
		const { folder } = await serve();
		const file = join(folder, "x.json");
		const first = await lockFile(file, 0);
		rmSync(`${file}.lock.holder`);
		mkdirSync(`${file}.lock.holder`);
		if (first.result !== "locked") return expect.fail("it is not locked");
		expect(first.release()).toBe("ERR_FS_EISDIR");
		expect((await lockFile(file, 0)).result).toBe("locked");
	});

	it("lockFile creates an empty file that only its owner can read, and reports who holds the lock", async () => {
		const { folder } = await serve();
		const file = join(folder, "x.json");
		const before = Date.now();
		const first = await lockFile(file, 0);
		expect(statSync(`${file}.lock`)).toMatchObject({ size: 0, mode: 0o100600 });
		expect(statSync(`${file}.lock.holder`).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder).filter((name) => name.startsWith("x."))).toEqual(["x.json.lock", "x.json.lock.holder"]);
		const second = await lockFile(file, 0);
		if (second.result !== "held" || first.result !== "locked") return expect.fail("it is not locked");
		expect(second.holder).toEqual({ pid: process.pid, host: hostname(), since: expect.any(Number) });
		expect(second.holder?.since).toBeGreaterThanOrEqual(before);
		first.release();
		expect((await lockFile(file, 0)).result).toBe("locked");
		expect(readdirSync(folder)).toContain("x.json.lock.holder");
	});

	it("lockFile keeps its lock even if the file that describes the holder is damaged", async () => {
		const { folder } = await serve();
		const file = join(folder, "x.json");
		await lockFile(file, 0);
		for (const text of ["", "{}", '{"pid":1,"host":"a","since":1e300}']) {
			writeFileSync(`${file}.lock.holder`, text);
			expect(await lockFile(file, 0)).toEqual({ result: "held", holder: undefined });
		}
	});

	it("lockFile returns the reason when it cannot lock a file", async () => {
		expect(await lockFile("/nowhere/x.json", 0)).toEqual({ result: "failed", reason: "ENOENT" });
	});
});
