import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { filePulses, type ProcessLook, processPulses } from "./pulse-source.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-pulses-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newFile = (): string => join(folder, randomUUID());

/** Writes the file, and sets its modification time to this many milliseconds before now. */
const touch = (file: string, agoMs: number): void => {
	const at = (Date.now() - agoMs) / 1_000;
	writeFileSync(file, "");
	utimesSync(file, at, at);
};

describe("filePulses", () => {
	it("filePulses counts each change of the modification time as a pulse, including a change to an earlier time", async () => {
		const file = newFile();
		const reader = filePulses(file, 1_000);
		touch(file, 0);
		expect(await reader.hasPulsed()).toBe(true);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 3_600_000);
		expect(await reader.hasPulsed()).toBe(true);
		expect(await reader.hasPulsed()).toBe(false);
	});

	it.each([1_000, 60_000])(
		"filePulses counts no pulse if a new file's time is %i ms in the future, but counts the next change of that time",
		async (ms) => {
			const file = newFile();
			const reader = filePulses(file, 5_000);
			touch(file, -ms);
			expect(await reader.hasPulsed()).toBe(false);
			expect(await reader.hasPulsed()).toBe(false);
			touch(file, 0);
			expect(await reader.hasPulsed()).toBe(true);
		},
	);

	it("filePulses counts no pulse for a missing file, nor for a new file with an old modification time", async () => {
		const file = newFile();
		const reader = filePulses(file, 1_000);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 60_000);
		expect(await reader.hasPulsed()).toBe(false);
		touch(file, 59_000);
		expect(await reader.hasPulsed()).toBe(true);
	});
});

/**
 * Arguments of the program unshare, which runs the command that follows them as another user. That user sees /proc mounted with `option`.
 */
const hidingArgs = (option: string): readonly string[] => {
	const script = `mount -t proc -o ${option} proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
	return ["--mount", "sh", "-c", script, "sh"];
};
const canHide = spawnSync("unshare", [...hidingArgs("hidepid=2"), "true"]);

describe("processPulses", () => {
	it("processPulses counts a pulse at each call while the process exists, and none after its end", async () => {
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

	it("processPulses counts no pulse for another process with the same process id, until the process id file is written again", async () => {
		const file = newFile();
		touch(file, 1_000);
		writeFileSync(file, `${process.pid}\n`);
		let started = "1";
		const reader = processPulses(file, { look: async () => ({ isZombie: false, started }) });
		expect(await reader.hasPulsed()).toBe(true);
		started = "2";
		expect([await reader.hasPulsed(), await reader.hasPulsed()]).toEqual([false, false]);
		utimesSync(file, 1, 1);
		expect(await reader.hasPulsed()).toBe(true);
	});

	it.each(["", "x", "0", "-1", "1.5", "99999999999"])("processPulses ignores a file with the text %j", async (text) => {
		const file = newFile();
		writeFileSync(file, text);
		expect(await processPulses(file).hasPulsed()).toBe(false);
	});

	it("processPulses counts no pulse for a process while the system hides it, and reports this once", async () => {
		const file = newFile();
		writeFileSync(file, `${process.pid}\n`);
		const hidden: number[] = [];
		let look: ProcessLook | undefined;
		const reader = processPulses(file, { look: async () => look, onHidden: (id) => hidden.push(id) });
		expect([await reader.hasPulsed(), await reader.hasPulsed()]).toEqual([false, false]);
		expect(hidden).toEqual([process.pid]);
		look = { isZombie: false, started: "1" };
		expect(await reader.hasPulsed()).toBe(true);
	});

	it("processPulses does not report a process as hidden when it has just ended", async () => {
		const file = newFile();
		const child = spawn("sleep", ["60"]);
		writeFileSync(file, `${child.pid}\n`);
		const hidden: number[] = [];
		const look = async (): Promise<undefined> => {
			const ended = new Promise((resolve) => child.once("exit", resolve));
			child.kill("SIGKILL");
			await ended;
		};
		expect(await processPulses(file, { look, onHidden: (id) => hidden.push(id) }).hasPulsed()).toBe(false);
		expect(hidden).toEqual([]);
	});

	it.skipIf(canHide.status !== 0)("processPulses counts no pulse for a process that /proc hides (root only)", () => {
		const file = newFile();
		writeFileSync(file, `${process.pid}\n`);
		chmodSync(folder, 0o755);
		const source = new URL("pulse-source.ts", import.meta.url).href;
		const program = `
				import { processPulses } from ${JSON.stringify(source)};
				const onHidden = (id) => console.log("hidden", id);
				console.log(await processPulses(${JSON.stringify(file)}, { onHidden }).hasPulsed());`;
		const run = (option: string): string =>
			execFileSync("unshare", [...hidingArgs(option), process.execPath, "--input-type=module", "-e", program], {
				encoding: "utf8",
			});
		expect(run("hidepid=0")).toBe("true\n");
		expect(run("hidepid=2")).toBe(`hidden ${process.pid}\nfalse\n`);
	});

	it.runIf(process.platform === "linux")(
		"processPulses counts no pulse for a zombie (a process that has ended, but whose parent has not read its exit status)",
		async () => {
			const file = newFile();
			// The parent process does not wait for its child, so the child becomes a zombie.
			const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], {
				stdio: ["ignore", "pipe", "ignore"],
			});
			const id = await new Promise<string>((resolve) => parent.stdout?.once("data", (chunk) => resolve(String(chunk))));
			writeFileSync(file, id);
			const reader = processPulses(file);
			while (await reader.hasPulsed()) await new Promise((resolve) => setTimeout(resolve, 10));
			// The ended process still has its process id.
			expect(process.kill(Number(id), 0)).toBe(true);
			parent.kill("SIGKILL");
		},
	);
});
