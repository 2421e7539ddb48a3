import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { LogOutput } from "./log-output.ts";

const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0).reverse()) close();
});

/** Opens a pipe whose two ends never block, and a log that writes to it. */
function openPipe() {
	const folder = mkdtempSync(join(tmpdir(), "agent-log-"));
	closers.push(() => rmSync(folder, { recursive: true }));
	const path = join(folder, "log.pipe");
	execFileSync("mkfifo", [path]);
	const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
	let hasReader = true;
	const endReader = (): void => {
		if (hasReader) closeSync(reader);
		hasReader = false;
	};
	closers.push(() => closeSync(fd), endReader);
	const said = { dropped: [] as number[], lost: [] as (readonly [number, string])[] };
	const out = new LogOutput(fd, {
		onDropped: (lines) => said.dropped.push(lines),
		onLost: (lines, code) => said.lost.push([lines, code]),
	});
	const buffer = Buffer.alloc(1_000_000);
	/** Reads until this many lines have arrived. */
	const read = async (lines: number): Promise<readonly string[]> => {
		let text = "";
		while (text.split("\n").length - 1 < lines) {
			try {
				text += buffer.toString("utf8", 0, readSync(reader, buffer));
			} catch {
				await new Promise((resolve) => setTimeout(resolve, 1));
			}
		}
		return text.split("\n").slice(0, -1);
	};
	return { out, said, read, endReader };
}

const line = (number: number): string => `${String(number).padStart(999, "0")}\n`;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe.runIf(process.platform === "linux")("LogOutput", () => {
	it("LogOutput keeps up to 8 MB of lines while its reader hangs, writes them in order later, and reports how many were dropped", async () => {
		const { out, said, read } = openPipe();
		for (const number of numbers(8_003)) out.write(line(number));
		expect((await read(8_000)).map(Number)).toEqual(numbers(8_000));
		while (said.dropped.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
		expect(said.dropped).toEqual([3]);
		out.write(line(1));
		expect((await read(1)).map(Number)).toEqual([1]);
		expect(said).toEqual({ dropped: [3], lost: [] });
	});

	it("before the process ends, LogOutput.flush() writes the lines that were added in the last turn of the event loop", async () => {
		const { out, said, read } = openPipe();
		for (const number of numbers(3)) out.write(line(number));
		out.flush();
		expect((await read(3)).map(Number)).toEqual(numbers(3));
		expect(said).toEqual({ dropped: [], lost: [] });
	});

	it("LogOutput reports once, with EPIPE, that the reader of its pipe has ended, and drops all further lines", async () => {
		const { out, said, endReader } = openPipe();
		endReader();
		for (const number of numbers(3)) out.write(line(number));
		while (said.lost.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
		out.write(line(4));
		out.flush();
		expect(said).toEqual({ dropped: [], lost: [[3, "EPIPE"]] });
	});

	it("LogOutput.flush() gives up after one second, and reports how many lines are lost", async () => {
		const { out, said, read } = openPipe();
		for (const number of numbers(100)) out.write(line(number));
		const startedAt = performance.now();
		out.flush();
		const elapsedMs = performance.now() - startedAt;
		expect(elapsedMs).toBeGreaterThan(900);
		expect(elapsedMs).toBeLessThan(5_000);
		const written = (await read(64)).length;
		expect(said.lost).toEqual([[100 - written, "EAGAIN"]]);
	});
});
