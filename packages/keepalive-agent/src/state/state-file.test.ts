import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readState, writeState } from "./state-file.ts";
import { statePath } from "./state-path.ts";
import { StateKeeper } from "./state-writer.ts";

let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "agent-state-"));
	file = join(folder, "keepalive.state.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sessions = { hedge: { openingsUntil: 1_790_000_000_000, used: { connections: { made: [[1, 2]] } } } } as const;

describe("the state file", () => {
	it("readState returns the used rate limits that writeState has written, and that the agent shut down cleanly", async () => {
		await writeState(file, sessions, true);
		expect(readState(file, Date.now())).toEqual({ limits: { sessions, wasKilled: false } });
	});

	it("the state file says when the agent was last seen, if the agent did not shut down cleanly", async () => {
		const before = Date.now();
		await writeState(file, sessions, false);
		const state = readState(file, Date.now() + 60_000, { bootId: "a later one", uptimeMs: 0 });
		expect(state).toEqual({ limits: { sessions, wasKilled: true }, diedAt: expect.any(Number) });
		expect(state.diedAt).toBeGreaterThanOrEqual(before);
		expect(state.diedAt).toBeLessThanOrEqual(Date.now());
	});

	it("writeState makes the file readable only by its owner, even if the old file was not, and leaves no other file behind", async () => {
		writeFileSync(`${file}.tmp`, "left by a crash", { mode: 0o644 });
		writeFileSync(file, "{}", { mode: 0o644 });
		await writeState(file, sessions, false);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder)).toEqual(["keepalive.state.json"]);
	});

	it("readState returns no used rate limits when the file does not exist", () => {
		expect(readState(file, Date.now())).toEqual({ limits: { sessions: {} } });
	});

	it.each([
		["empty", ""],
		["cut off", '{"version":1,"savedAt":1790000000000,"ended":fal'],
		["zeros", "\0".repeat(200)],
		["of a later version", '{"version":2,"savedAt":1790000000000,"ended":true,"sessions":{}}'],
		["without sessions", '{"version":1,"savedAt":1790000000000,"ended":true}'],
		["without the time at which it was saved", '{"version":1,"savedAt":null,"ended":true,"sessions":{}}'],
		["with a savedAt that is no date", '{"version":1,"savedAt":1e300,"ended":true,"sessions":{}}'],
		[
			"with a limit of a wrong type",
			'{"version":1,"savedAt":1,"ended":true,"sessions":{"hedge":{"openingsUntil":"soon"}}}',
		],
		["too long", `"${"x".repeat(16_000_001)}"`],
	])("readState counts all rate limits as used up when the file is damaged: %s", (_, text) => {
		writeFileSync(file, text);
		expect(readState(file, Date.now())).toEqual({ limits: "used-up", problem: `${file} is damaged` });
	});

	it("readState counts all rate limits as used up when the file cannot be read", () => {
		mkdirSync(file);
		expect(readState(file, Date.now())).toEqual({ limits: "used-up", problem: `${file} cannot be read: EISDIR` });
	});

	it("readState counts all rate limits as used up when the file's time is more than five seconds in the future", async () => {
		await writeState(file, sessions, true);
		const { savedAt } = JSON.parse(readFileSync(file, "utf8"));
		expect(readState(file, savedAt - 5_000).limits).toMatchObject({ sessions });
		expect(readState(file, savedAt - 5_001)).toEqual({
			limits: "used-up",
			problem: expect.stringMatching(/which is in the future. Check the clock of this machine$/),
		});
	});
});

describe("the state file after the clock was set forward", () => {
	const boot = { bootId: "this run", uptimeMs: 1_000_000 };
	const savedAt = 1_790_000_000_000;
	const cause = { name: "Error", message: "busy" };
	const used = {
		connections: { made: [[savedAt - 60_000, 3]], step: 2 },
		calls: { made: [], pausedUntil: savedAt + 7_000 },
	};
	const limits = { hedge: { openingsUntil: savedAt + 5_000, venueWait: { until: savedAt + 9_000, cause }, used } };
	const write = (savedAtBoot: unknown): void =>
		writeFileSync(file, JSON.stringify({ version: 1, savedAt, savedAtBoot, ended: true, sessions: limits }));
	const dayMs = 86_400_000;

	it("readState adds to all times the amount by which the clock was set forward, unless the machine was restarted", () => {
		write(boot);
		// Ten seconds have passed since the file was written, and the clock was set forward by one day.
		const later = { ...boot, uptimeMs: boot.uptimeMs + 10_000 };
		expect(readState(file, savedAt + 10_000 + dayMs, later)).toEqual({
			limits: {
				sessions: {
					hedge: {
						openingsUntil: savedAt + 5_000 + dayMs,
						venueWait: { until: savedAt + 9_000 + dayMs, cause },
						used: {
							connections: { made: [[savedAt - 60_000 + dayMs, 3]], step: 2 },
							calls: { made: [], pausedUntil: savedAt + 7_000 + dayMs },
						},
					},
				},
				wasKilled: false,
			},
			correction: "the clock was set forward by 86400 s since the state file was written",
		});
	});

	it.each([
		["if the clock was corrected by five seconds", boot, { ...boot, uptimeMs: 1_010_000 }, 15_000],
		["if the machine was restarted", boot, { bootId: "another", uptimeMs: 2_000_000 }, dayMs],
		["if the uptime is shorter than before, as in a new container", boot, { ...boot, uptimeMs: 1_000 }, dayMs],
		["if the platform gives no boot id", boot, undefined, dayMs],
		["if the file has no boot id and uptime", undefined, boot, dayMs],
	])("readState leaves the times unchanged (%s)", (_, saved, now, ms) => {
		write(saved);
		expect(readState(file, savedAt + ms, now)).toEqual({ limits: { sessions: limits, wasKilled: false } });
	});

	it("the state file counts as damaged when its boot time (savedAtBoot) is damaged", () => {
		write({ bootId: 1 });
		expect(readState(file, savedAt)).toMatchObject({ limits: "used-up" });
	});

	it.runIf(process.platform === "linux")("the state file holds the boot id and the uptime on Linux", async () => {
		await writeState(file, {}, true);
		expect(JSON.parse(readFileSync(file, "utf8")).savedAtBoot).toEqual({
			bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
			uptimeMs: expect.any(Number),
		});
	});
});

describe("StateKeeper", () => {
	it("StateKeeper writes the file at the start, after each change, and at the end with the mark of a clean shutdown", async () => {
		const state = new StateKeeper(file, {}, (problem) => expect.fail(problem ?? "recovered"));
		await state.start();
		expect(readState(file, Date.now()).limits).toEqual({ sessions: {}, wasKilled: true });
		for (let change = 0; change < 50; change += 1) state.update({ hedge: { openingsUntil: change } });
		await state.end();
		expect(readState(file, Date.now()).limits).toEqual({
			sessions: { hedge: { openingsUntil: 49 } },
			wasKilled: false,
		});
	});

	it("StateKeeper leaves a damaged file unchanged until update() is called with the used rate limits", async () => {
		writeFileSync(file, "damaged");
		const state = new StateKeeper(file, undefined, () => undefined);
		await state.start();
		expect(readFileSync(file, "utf8")).toBe("damaged");
		state.update(sessions);
		await state.end();
		expect(readState(file, Date.now()).limits).toMatchObject({ sessions });
	});

	it("StateKeeper reports once when it cannot write the file, and once when it can write the file again", async () => {
		const problems: (string | undefined)[] = [];
		const place = join(folder, "missing", "state.json");
		const state = new StateKeeper(place, {}, (problem) => problems.push(problem));
		await state.start();
		state.update(sessions);
		await state.end();
		expect(problems).toEqual([`${place} cannot be written: ENOENT`]);
		mkdirSync(join(folder, "missing"));
		await state.end();
		expect(problems).toEqual([expect.anything(), undefined]);
	});
});

describe("statePath", () => {
	it.each([
		["/etc/keepalive/fund.yaml", undefined, {}, "/etc/keepalive/fund.state.json"],
		["/etc/keepalive/fund.yaml", undefined, { STATE_DIRECTORY: "" }, "/etc/keepalive/fund.state.json"],
		["/etc/keepalive/fund.yaml", undefined, { STATE_DIRECTORY: "/var/lib/k:/b" }, "/var/lib/k/fund.state.json"],
		["/etc/keepalive/fund.yaml", "../s.json", { STATE_DIRECTORY: "/var/lib/k" }, "/etc/s.json"],
		["/etc/keepalive/fund.yaml", "/run/s.json", {}, "/run/s.json"],
	])("statePath of %s with state.file %j and the environment %j is %s", (config, configured, environment, expected) => {
		expect(statePath(config, configured, environment)).toBe(expected);
	});
});

it("StateKeeper.end() returns within two seconds when the folder of the file is read-only", async () => {
	chmodSync(folder, 0o500);
	const start = performance.now();
	await new StateKeeper(file, {}, () => undefined).end();
	expect(performance.now() - start).toBeLessThan(2_000);
	chmodSync(folder, 0o700);
});
