import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { filePulses, processPulses } from "./pulse-source.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-pulses-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newFile = (): string => join(folder, randomUUID());

/** Sets the modification time to so many milliseconds ago. */
const touch = (file: string, agoMs: number): void => {
	const at = (Date.now() - agoMs) / 1_000;
	writeFileSync(file, "");
	utimesSync(file, at, at);
};

describe("filePulses", () => {
	it("counts each change of the modification time as a pulse, also one to an earlier time", async () => {
		const file = newFile();
		const reader = filePulses(file, 1_000);
		touch(file, 0);
		expect(await reader.hasPulsed()).toBe(true);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 3_600_000);
		expect(await reader.hasPulsed()).toBe(true);
		expect(await reader.hasPulsed()).toBe(false);
	});

	it.each([
		[1_000, false],
		[60_000, false],
	])(
		"takes a first look at a time %i ms in the future for no pulse, and the change after it for one",
		async (ms, expected) => {
			const file = newFile();
			const reader = filePulses(file, 5_000);
			touch(file, -ms);
			expect(await reader.hasPulsed()).toBe(expected);
			expect(await reader.hasPulsed()).toBe(false);
			touch(file, 0);
			expect(await reader.hasPulsed()).toBe(true);
		},
	);

	it("counts a missing file, and the first look at an old one, as no pulse", async () => {
		const file = newFile();
		const reader = filePulses(file, 1_000);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 60_000);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 59_000);
		expect(await reader.hasPulsed()).toBe(true);
	});
});

describe("processPulses", () => {
	it("pulses while the process exists, and no longer", async () => {
		const file = newFile();
		const reader = processPulses(file);
		expect(await reader.hasPulsed()).toBe(false);
		const child = spawn("sleep", ["60"]);
		writeFileSync(file, `${child.pid}\n`);
		for (let look = 0; look < 3; look += 1) expect(await reader.hasPulsed()).toBe(true);
		const ended = new Promise((resolve) => child.once("exit", resolve));
		child.kill("SIGKILL");
		await ended;
		expect(await reader.hasPulsed()).toBe(false);
	});

	it("takes another process that has got the same id for none, until the file is written again", async () => {
		const file = newFile();
		touch(file, 1_000);
		writeFileSync(file, `${process.pid}\n`);
		let started = "1";
		const reader = processPulses(file, async () => ({ isZombie: false, started }));
		expect(await reader.hasPulsed()).toBe(true);
		started = "2";
		expect([await reader.hasPulsed(), await reader.hasPulsed()]).toEqual([false, false]);
		utimesSync(file, 1, 1);
		expect(await reader.hasPulsed()).toBe(true);
	});

	it.each(["", "x", "0", "-1", "1.5", "99999999999"])("takes %j for no process", async (text) => {
		const file = newFile();
		writeFileSync(file, text);
		expect(await processPulses(file).hasPulsed()).toBe(false);
	});

	it.runIf(process.platform === "linux")(
		"takes a process that has ended and waits for its parent for none",
		async () => {
			const file = newFile();
			// The parent does not wait for its child.
			const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], {
				stdio: ["ignore", "pipe", "ignore"],
			});
			const id = await new Promise<string>((resolve) => parent.stdout?.once("data", (chunk) => resolve(String(chunk))));
			writeFileSync(file, id);
			const reader = processPulses(file);
			while (await reader.hasPulsed()) await new Promise((resolve) => setTimeout(resolve, 10));
			// It still has its id.
			expect(process.kill(Number(id), 0)).toBe(true);
			parent.kill("SIGKILL");
		},
	);
});
