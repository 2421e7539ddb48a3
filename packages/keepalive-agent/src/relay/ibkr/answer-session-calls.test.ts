import { describe, expect, it } from "vitest";
import { knownAnswer, shownAnswer, withLocalSession } from "./answer-session-calls.ts";

const now = 1_800_000_000_000;
const protection = { state: "unsupported", reason: "x" } as const;
const alive = (lastBeatAt?: number) => ({
	status: { state: "alive", protection, leaseEndsAt: now } as never,
	tally: { beats: 1, losses: 0, recoveries: 0, ...(lastBeatAt !== undefined && { lastBeatAt }) },
});

describe("knownAnswer", () => {
	it("knownAnswer answers like the venue while the last acknowledged beat is younger than the tickle interval", () => {
		const body = (call: "tickle" | "status" | "validate", at: number) =>
			JSON.parse(knownAnswer(call, alive(at), 20_000, now)?.body ?? "null");
		expect(body("status", now - 19_999)).toEqual({
			authenticated: true,
			established: true,
			competing: false,
			connected: true,
			message: "",
			fail: "",
		});
		expect(body("tickle", now)).toMatchObject({
			session: "hidden",
			iserver: { authStatus: { authenticated: true, connected: true, competing: false } },
		});
		expect(body("validate", now - 1)).toEqual({ RESULT: true });
		expect(body("status", now - 20_000)).toBeNull();
	});

	it("knownAnswer returns undefined if there was no beat, if the time of the last beat is in the future, or while the session is not alive", () => {
		expect(knownAnswer("status", alive(), 20_000, now)).toBeUndefined();
		expect(knownAnswer("status", alive(now + 1), 20_000, now)).toBeUndefined();
		const lost = { ...alive(now), status: { state: "lost", cause: { message: "x" } } as never };
		expect(knownAnswer("status", lost, 20_000, now)).toBeUndefined();
	});
});

describe("shownAnswer", () => {
	const shown = (call: "tickle" | "status" | "validate", body: unknown) =>
		shownAnswer(call, { status: 200, body: JSON.stringify(body) }).body;
	const status = {
		authenticated: true,
		competing: false,
		connected: true,
		MAC: "planted-mac",
		hardware_info: "planted-hardware",
		serverInfo: { serverName: "JifN19053" },
	};

	it("shownAnswer leaves out members that identify the session, the user or the machine", () => {
		const tickle = {
			session: "planted-id",
			ssoExpires: 1,
			userId: 7,
			hmds: { error: "no bridge" },
			iserver: { authStatus: status },
		};
		expect(JSON.parse(shown("tickle", tickle))).toEqual({
			session: "hidden",
			ssoExpires: 1,
			hmds: { error: "no bridge" },
			iserver: {
				authStatus: { authenticated: true, competing: false, connected: true, serverInfo: { serverName: "JifN19053" } },
			},
		});
		const validate = {
			RESULT: true,
			USER_NAME: "planted",
			TOKEN: "planted",
			IP: "planted",
			CREDENTIAL: "planted",
			EXPIRES: 5,
		};
		expect(JSON.parse(shown("validate", validate))).toEqual({ RESULT: true, EXPIRES: 5 });
		expect(shown("status", status)).not.toContain("planted");
	});

	it("shownAnswer does not change a refusal of the venue", () => {
		expect(shown("tickle", { error: "no session" })).toBe('{"error":"no session"}');
		const denied = { status: 401, body: "Access Denied" };
		expect(shownAnswer("tickle", denied)).toEqual(denied);
	});
});

it("withLocalSession puts the bot's own session id into the answer to a tickle, and does not change a refusal", () => {
	const known = knownAnswer("tickle", alive(now), 20_000, now) ?? { status: 0, body: "" };
	expect(JSON.parse(withLocalSession(known, "local$&").body)).toMatchObject({ session: "local$&" });
	const denied = { status: 401, body: "Access Denied" };
	expect(withLocalSession(denied, "local")).toEqual(denied);
});
