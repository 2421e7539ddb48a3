import { instantNow } from "@x/base/instant";
import { expect, it } from "vitest";
import type { SessionLimits } from "../session-limits.ts";
import { LimitsOutbox } from "./limits-outbox.ts";
import { SharedArmedState } from "./shared-armed-state.ts";
import type { FromWorker } from "./thread-messages.ts";

/** A LimitsOutbox for two sessions, the messages that it has sent, and the limits that it reads. */
function outbox() {
	const words = new SharedArmedState(1, { monotonicMs: 0, wallMs: 0 });
	const sent: FromWorker[] = [];
	const limits: Record<string, SessionLimits> = { a: { openingsUntil: 1 }, b: { openingsUntil: 2 } };
	const limitsOf = (session: string): SessionLimits => ({ openingsUntil: 0, ...limits[session] });
	const made = new LimitsOutbox(
		words,
		(message) => sent.push(message),
		limitsOf,
		() => instantNow(Date.now),
	);
	const said = (): unknown[] => sent.map((message) => message.type === "limits" && message.limits);
	return { outbox: made, words, limits, said };
}

it("LimitsOutbox has at most 32 messages on their way, and the next message contains what has changed meanwhile", () => {
	const { outbox: made, words, limits, said } = outbox();
	for (let count = 0; count < 32; count += 1) made.push(["a"]);
	expect(said()).toHaveLength(32);
	made.push(["a"]);
	made.push(["b"]);
	limits["b"] = { openingsUntil: 3 };
	made.flush();
	expect(said()).toHaveLength(32);
	words.countReceived("limits");
	made.flush();
	expect(said().at(-1)).toEqual({ a: { openingsUntil: 1 }, b: { openingsUntil: 3 } });
});

it("LimitsOutbox sends a new ban at once while the program's thread is blocked, so that a killed worker's successor knows of the ban", () => {
	const { outbox: made, limits, said } = outbox();
	made.push(["a"]);
	limits["a"] = { openingsUntil: 1, used: { calls: { made: [], pausedUntil: 9 } } };
	made.push(["a"]);
	expect(said().at(-1)).toEqual({ a: limits["a"] });
});

it("LimitsOutbox sends unsent changes when its worker ends, so that the next worker respects a wait that the venue asked for", () => {
	const { outbox: made, limits, said } = outbox();
	made.push(["a"]);
	for (let count = 1; count < 32; count += 1) made.push(["a"]);
	const venueWait = { until: 9, cause: { name: "Error", message: "banned" } };
	limits["a"] = { openingsUntil: 1, venueWait };
	made.push(["a"]);
	expect(said()).toHaveLength(32);
	made.end();
	expect(said().at(-1)).toEqual({ a: { openingsUntil: 1, venueWait } });
	made.end();
	expect(said()).toHaveLength(33);
});
