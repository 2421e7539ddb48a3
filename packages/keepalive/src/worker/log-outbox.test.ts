import { describe, expect, it } from "vitest";
import { logOutbox } from "./log-outbox.ts";
import { SharedArmedState } from "./shared-armed-state.ts";
import type { FromWorker } from "./thread-messages.ts";

/**
 * A logger in a worker, the messages that it has sent, and the shared memory in which the program counts the messages that it has received.
 */
function outbox() {
	const words = new SharedArmedState(1, { monotonicMs: 0, wallMs: 0 });
	const sent: FromWorker[] = [];
	// Throws before anything is sent if the message cannot be cloned, as a real port does.
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

	it("logOutbox drops messages while 1 000 are on their way, and the next message says how many were dropped", () => {
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
