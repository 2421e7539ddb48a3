import { describe, expect, it } from "vitest";
import { logOutbox } from "./log-outbox.ts";
import type { FromWorker } from "./messages.ts";
import { SharedArmedState } from "./shared-armed-state.ts";

/** A logger in a worker, the messages that it has sent, and the memory in which the program counts what it receives. */
function outbox() {
	const words = new SharedArmedState(1, { monotonicMs: 0, wallMs: 0 });
	const sent: FromWorker[] = [];
	// Like a real port, `structuredClone` throws before anything is sent.
	return { words, sent, logger: logOutbox(words, (message) => sent.push(structuredClone(message))) };
}

describe("logOutbox", () => {
	it("logOutbox sends each message at once, with its level and fields", () => {
		const { sent, logger } = outbox();
		logger.warn("slow", { session: "venue" });
		logger.debug("beat");
		expect(sent).toEqual([
			{ type: "log", level: "warn", message: "slow", fields: { session: "venue" }, dropped: 0 },
			{ type: "log", level: "debug", message: "beat", dropped: 0 },
		]);
	});

	it("logOutbox drops messages while 1 000 are not received, and the next message says how many", () => {
		const { words, sent, logger } = outbox();
		for (let count = 0; count < 1_010; count += 1) logger.info("beat");
		expect(sent).toHaveLength(1_000);
		words.countReceived("logs");
		logger.info("after");
		expect(sent.at(-1)).toMatchObject({ message: "after", dropped: 10 });
		logger.info("one too many");
		expect(sent).toHaveLength(1_001);
	});

	it("logOutbox sends a message without its fields when the fields cannot be cloned", () => {
		const { sent, logger } = outbox();
		logger.info("beat", { run: () => undefined });
		expect(sent).toEqual([{ type: "log", level: "info", message: "beat", dropped: 0 }]);
	});
});
