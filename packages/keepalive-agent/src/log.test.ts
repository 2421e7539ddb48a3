import { describe, expect, it } from "vitest";
import { readableLog } from "./log.ts";

function lines(level: "debug" | "info" | "warn" | "error", log: (logger: ReturnType<typeof readableLog>) => void) {
	const written: string[] = [];
	log(readableLog(level, (line) => written.push(line)));
	return written.map((line) => line.slice("12:34:56.789 ".length));
}

describe("readableLog", () => {
	it("readableLog writes only messages that are at least as severe as its level", () => {
		const all = (logger: ReturnType<typeof readableLog>): void => {
			for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
		};
		expect(lines("warn", all)).toEqual(["WARN  warn\n", "ERROR error\n"]);
	});

	it("readableLog adds the cause, the advice and the protection of a status to the message", () => {
		const status = {
			state: "blocked",
			todo: "log in",
			cause: { name: "SessionError", message: "nobody is logged in" },
		};
		expect(lines("info", (logger) => logger.error("broker: blocked", { session: "broker", status }))).toEqual([
			"ERROR broker: blocked: nobody is logged in; to do: log in\n",
		]);
		const alive = { state: "alive", protection: { state: "armed", scope: "this connection" } };
		expect(lines("info", (logger) => logger.info("hedge: alive", { status: alive }))).toEqual([
			"INFO  hedge: alive: armed, this connection\n",
		]);
	});
});
