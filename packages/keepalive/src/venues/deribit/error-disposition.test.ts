import { DeribitError } from "@x/deribit-session";
import { expect, it } from "vitest";
import { isSessionError, SessionError } from "../../session-error.ts";
import { toSessionError } from "./error-disposition.ts";

const refused = (venueCode: number, data?: DeribitError["data"]): DeribitError =>
	new DeribitError("refused", { kind: "venue", venueCode, data });
const closed = (why: NonNullable<DeribitError["why"]>): DeribitError =>
	new DeribitError("ended", { kind: "closed", why });
const retry = { action: "retry" };
const fatal = { action: "fatal" };
const wait = (forMs: number) => ({ action: "wait", forMs });

it.each<[string, unknown, object, string]>([
	["wrong credentials", refused(13004), fatal, "unclear"],
	["a locked account", refused(11098), fatal, "unclear"],
	["a banned country", refused(12005), fatal, "unclear"],
	["a missing permission", refused(13021), fatal, "unclear"],
	["invalid parameters", refused(-32602), fatal, "unclear"],
	["too many logins", refused(12003), wait(300_000), "unclear"],
	["a wait of 45 s for which the venue asks", refused(12998, { wait: 45 }), wait(45_000), "unclear"],
	["a wait of unknown length", refused(12998), wait(60_000), "unclear"],
	["maintenance", refused(11051), wait(60_000), "unclear"],
	["temporarily unavailable", refused(13028), wait(60_000), "unclear"],
	["unavailable", refused(13503), wait(60_000), "unclear"],
	["permission denied", refused(11042), fatal, "unclear"],
	["an unknown method", refused(-32601), fatal, "unclear"],
	["no authentication", refused(10000), retry, "unclear"],
	["an expired token", refused(13009), retry, "unclear"],
	["a request to retry", refused(10040), retry, "unclear"],
	["a full queue at the venue", refused(10047), retry, "unclear"],
	["too many calls at a time", refused(10066), retry, "unclear"],
	["public calls without authentication switched off", refused(11056), retry, "unclear"],
	["a fault of the venue", refused(11094), retry, "unclear"],
	["spent credits", new DeribitError("x", { kind: "credits", retryAfterMs: 250 }), wait(250), "unclear"],
	["a silent connection", closed("silence"), retry, "ended"],
	["too many requests", refused(10028), wait(10_000), "unclear"],
	["failed arming", refused(10049), retry, "unclear"],
	["the daily settlement", refused(10041), retry, "unclear"],
	["a general failure", refused(10001), retry, "unclear"],
	["a method that needs a WebSocket", refused(10030), retry, "unclear"],
	["a call to the wrong server", refused(10048), retry, "unclear"],
	["an order that is not open", refused(11044), retry, "unclear"],
	["a bad request", refused(11050), retry, "unclear"],
	["a subscription that ended", refused(11052), retry, "unclear"],
	["a method that was switched off", refused(13025), retry, "unclear"],
	["cancel-on-disconnect that is switched off", refused(13042), retry, "unclear"],
	["an exceeded scope", refused(13403), retry, "unclear"],
	["a request that was cancelled", refused(13666), retry, "unclear"],
	["a refused security key", refused(13668), retry, "unclear"],
	["raw subscriptions without permission", refused(13778), retry, "unclear"],
	["a request that came too late", refused(13888), retry, "unclear"],
	["missing parameters", refused(-32000), retry, "unclear"],
	["a request that is too large", refused(-32600), retry, "unclear"],
	["a parse error", refused(-32700), retry, "unclear"],
	["an unknown code", refused(99_999), retry, "unclear"],
	["a timeout", new DeribitError("x", { kind: "timeout" }), retry, "unclear"],
	["no network", new DeribitError("x", { kind: "network" }), retry, "unclear"],
	["an unreadable reply", new DeribitError("x", { kind: "reply" }), retry, "unclear"],
	["an abort", new DeribitError("x", { kind: "aborted" }), retry, "unclear"],
	["a session name in use", new DeribitError("x", { kind: "request", call: "public/auth" }), retry, "unclear"],
	["a call that cannot be sent", new DeribitError("x", { kind: "request", call: "private/x" }), fatal, "unclear"],
	["a heartbeat failure", closed("heartbeat"), retry, "ended"],
	["an end after too many requests", closed("rate-limit"), wait(10_000), "ended"],
	["an end in maintenance", closed("maintenance"), wait(60_000), "ended"],
	["a lost connection", closed("network"), retry, "ended"],
	["an error of another kind", new TypeError("x"), retry, "unclear"],
	["no error at all", "x", retry, "unclear"],
])("toSessionError() returns an error with the right next step for a keeper: %s", (_, error, disposition, session) => {
	const mapped = toSessionError("beat failed", error);
	expect(isSessionError(mapped)).toBe(true);
	expect(mapped).toMatchObject({ disposition, session, cause: error });
	expect(mapped.message).toMatch(/^@x\/keepalive\/deribit: beat failed/);
});

it("toSessionError returns a SessionError unchanged", () => {
	const original = new SessionError("x", { disposition: { action: "fatal" } });
	expect(toSessionError("beat failed", original)).toBe(original);
});
