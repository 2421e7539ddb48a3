import { expect, it } from "vitest";
import { type EndFacts, explainEnd } from "./connection-end.ts";

const end: EndFacts = {
	closeCode: 1006,
	closing: undefined,
	rateLimitedMsAgo: undefined,
	maintenanceMsAgo: undefined,
	idleMs: 0,
	sendIdleMs: 0,
	isArmed: true,
};

it.each<[string, Partial<EndFacts>, string, string]>([
	["close code 4000", { closeCode: 4000 }, "heartbeat", "likely"],
	["4000 while disconnecting", { closeCode: 4000, closing: "disconnect" }, "heartbeat", "likely"],
	["4000 instead of the close that logout waits for", { closeCode: 4000, closing: "logout" }, "heartbeat", "likely"],
	["a lost connection", {}, "network", "likely"],
	["a connection that was given up", { closeCode: undefined }, "network", "likely"],
	["an idle time of just under a minute", { idleMs: 55_000 }, "silence", "likely"],
	["a shorter idle time", { idleMs: 54_999, sendIdleMs: 594_999 }, "network", "likely"],
	[
		"a close after ten minutes without a frame from this side",
		{ closeCode: 1000, sendIdleMs: 595_000 },
		"silence",
		"likely",
	],
	[
		"a close after a shorter time without a frame from this side",
		{ closeCode: 1000, idleMs: 60_000, sendIdleMs: 594_999 },
		"venue",
		"likely",
	],
	["another close code", { closeCode: 1011 }, "venue", "likely"],
	["10028 up to 10 s before", { closeCode: 1008, rateLimitedMsAgo: 10_000 }, "rate-limit", "likely"],
	["10028 longer before", { closeCode: 1008, rateLimitedMsAgo: 10_001 }, "venue", "likely"],
	["maintenance up to 30 min before", { maintenanceMsAgo: 1_800_000 }, "maintenance", "unknown"],
	["maintenance longer before", { maintenanceMsAgo: 1_800_001 }, "network", "likely"],
	["a logout confirmed by a close frame", { closeCode: 1000, closing: "logout" }, "logout", "no"],
	["a logout and a lost connection", { closing: "logout" }, "logout", "unknown"],
	["a logout without a close frame", { closeCode: undefined, closing: "logout" }, "logout", "unknown"],
	[
		"a logout and a close caused by 10028",
		{ closeCode: 1008, closing: "logout", rateLimitedMsAgo: 10_000 },
		"logout",
		"unknown",
	],
	["a logout long after a 10028", { closeCode: 1000, closing: "logout", rateLimitedMsAgo: 10_001 }, "logout", "no"],
	[
		"a logout and a close during maintenance",
		{ closeCode: 1001, closing: "logout", maintenanceMsAgo: 0 },
		"logout",
		"unknown",
	],
	["a logout while not armed", { closing: "logout", isArmed: false }, "logout", "no"],
	["a disconnect", { closeCode: 1000, closing: "disconnect" }, "disconnect", "likely"],
	["an end while not armed", { isArmed: false }, "network", "no"],
	["an end while it is unknown whether armed", { isArmed: undefined }, "network", "unknown"],
])(
	"explainEnd returns the reason for the end and the effect on orders after %s",
	(_, facts, why, cancelOnDisconnectFired) => {
		expect(explainEnd({ ...end, ...facts })).toEqual({ why, cancelOnDisconnectFired });
	},
);
