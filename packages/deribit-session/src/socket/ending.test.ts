import { expect, it } from "vitest";
import { type End, explainEnd } from "./ending.ts";

const end: End = {
	closeCode: 1006,
	leaving: undefined,
	rateLimitedMsAgo: undefined,
	maintenanceMsAgo: undefined,
	quietMs: 0,
	unsentMs: 0,
	armed: true,
};

it.each<[string, Partial<End>, string, string]>([
	["close code 4000", { closeCode: 4000 }, "heartbeat", "likely"],
	["4000 while disconnecting", { closeCode: 4000, leaving: "disconnect" }, "heartbeat", "likely"],
	["4000 instead of the close that logout waits for", { closeCode: 4000, leaving: "logout" }, "heartbeat", "likely"],
	["a lost line", {}, "network", "likely"],
	["a line that was given up", { closeCode: undefined }, "network", "likely"],
	["a line that was quiet for just under a minute", { quietMs: 55_000 }, "silence", "likely"],
	["a line that was quiet for less", { quietMs: 54_999, unsentMs: 594_999 }, "network", "likely"],
	["a close after ten minutes without a word of ours", { closeCode: 1000, unsentMs: 595_000 }, "silence", "likely"],
	["a close after less than that", { closeCode: 1000, quietMs: 60_000, unsentMs: 594_999 }, "venue", "likely"],
	["another close code", { closeCode: 1011 }, "venue", "likely"],
	["10028 up to 10 s before", { closeCode: 1008, rateLimitedMsAgo: 10_000 }, "rate-limit", "likely"],
	["10028 longer before", { closeCode: 1008, rateLimitedMsAgo: 10_001 }, "venue", "likely"],
	["maintenance up to 30 min before", { maintenanceMsAgo: 1_800_000 }, "maintenance", "unknown"],
	["maintenance longer before", { maintenanceMsAgo: 1_800_001 }, "network", "likely"],
	["a logout that was answered by a close", { closeCode: 1000, leaving: "logout" }, "logout", "no"],
	["a logout and a lost line", { leaving: "logout" }, "logout", "unknown"],
	["a logout that was never answered", { closeCode: undefined, leaving: "logout" }, "logout", "unknown"],
	[
		"a logout and a close that 10028 brought",
		{ closeCode: 1008, leaving: "logout", rateLimitedMsAgo: 10_000 },
		"logout",
		"unknown",
	],
	["a logout long after a 10028", { closeCode: 1000, leaving: "logout", rateLimitedMsAgo: 10_001 }, "logout", "no"],
	["a logout and a close in a break", { closeCode: 1001, leaving: "logout", maintenanceMsAgo: 0 }, "logout", "unknown"],
	["a logout with a switch that is off", { leaving: "logout", armed: false }, "logout", "no"],
	["a disconnect", { closeCode: 1000, leaving: "disconnect" }, "disconnect", "likely"],
	["a switch that is off", { armed: false }, "network", "no"],
	["a switch nobody asked about", { armed: undefined }, "network", "unknown"],
])("%s", (_, facts, why, cancelOnDisconnectFired) => {
	expect(explainEnd({ ...end, ...facts })).toEqual({ why, cancelOnDisconnectFired });
});
