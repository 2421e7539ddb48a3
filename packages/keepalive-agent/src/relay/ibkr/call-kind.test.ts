import { describe, expect, it } from "vitest";
import { callKind, isPlain, paceOf } from "./call-kind.ts";

describe("isPlain", () => {
	it.each([
		"/tickle",
		"/iserver/account/DU123/order/1234567890",
		"/iserver/reply/00000000-0000-4000-8000-000000000001",
		"/portfolio/U1234567.F/positions/0",
		"/md/regsnapshot",
		"/iserver/account/All/orders",
	])("isPlain is true for %s, which is a path in IBKR's documented form", (path) => {
		expect(isPlain(path, "?conids=1,2&fields=31,84")).toBe(true);
	});

	it.each([
		"/",
		"//logout",
		"/logout/",
		"/iserver//auth/ssodh/init",
		"/./logout",
		"/x/../logout",
		"/x/..",
		"/%6cogout",
		"/x%2f..%2flogout",
		"/logout;x=1",
		"/logout#x",
		"/x\\..\\logout",
		"/logout%00",
		"/…/logout",
	])("isPlain is false for %s, which a server could read as another path", (path) => {
		expect(isPlain(path, "")).toBe(false);
	});

	it("isPlain is false for a query with a fragment or a character that is not printable", () => {
		expect(isPlain("/tickle", "?a=1#b")).toBe(false);
		expect(isPlain("/tickle", "?a=\u0001")).toBe(false);
		expect(isPlain("/tickle", "?a=1%202&b='x'")).toBe(true);
	});
});

describe("callKind", () => {
	it.each([
		["POST", "/logout"],
		["GET", "/logout"],
		["POST", "/LogOut"],
		["POST", "/iserver/auth/ssodh/init"],
		["POST", "/iserver/ssodh/init"],
		["POST", "/iserver/AUTH/SSODH/Init"],
		["GET", "/iserver/reauthenticate"],
		["POST", "/reauthenticate"],
		["GET", "/sso/Login"],
		["GET", "/sso/ping"],
		["POST", "/oauth/live_session_token"],
		["POST", "/oauth2/api/v1/token"],
		["POST", "/iserver/auth/anything"],
		["DELETE", "/logout"],
	])("callKind refuses %s %s, which would change the session", (method, path) => {
		expect(callKind(method, path)).toMatchObject({ kind: "refused", reason: expect.stringContaining("the agent") });
	});

	it.each([
		["POST", "/iserver/account/DU1/orders", "order"],
		["POST", "/iserver/account/DU1/order", "order"],
		["POST", "/iserver/account/DU1/order/123", "order"],
		["PUT", "/iserver/account/DU1/order/123", "order"],
		["POST", "/iserver/ACCOUNT/DU1/Orders", "order"],
		["POST", "/iserver/account/orders/group", "order"],
		["POST", "/iserver/reply/0000-1", "order"],
		["POST", "/iserver/notification", "order"],
		["POST", "/iserver/account/DU1/orders/whatif", "write"],
		["POST", "/iserver/secdef/search", "write"],
		["DELETE", "/iserver/account/DU1/order/123", "cancel"],
		["GET", "/iserver/account/orders", "read"],
		["GET", "/iserver/account/order/status/123", "read"],
		["DELETE", "/iserver/ACCOUNT/DU1/Order/123", "cancel"],
		["DELETE", "/iserver/account/DU1/order", "write"],
		["DELETE", "/iserver/account/DU1/order/123/x", "write"],
		["DELETE", "/fyi/deliveryoptions/1", "write"],
		["DELETE", "/tickle", "wrong-method"],
		["PUT", "/sso/VALIDATE", "wrong-method"],
		["PUT", "/iserver/auth/status", "wrong-method"],
	])("callKind classifies %s %s as %s", (method, path, kind) => {
		expect(callKind(method, path).kind).toBe(kind);
	});

	it.each([
		["POST", "/tickle", "tickle"],
		["GET", "/Tickle", "tickle"],
		["POST", "/iserver/auth/status", "status"],
		["GET", "/sso/validate", "validate"],
	])("callKind classifies %s %s as a call about the session: %s", (method, path, call) => {
		expect(callKind(method, path)).toEqual({ kind: "session", call });
	});
});

it("paceOf gives all paths below /fyi one shared rate limit, and each other limited path a rate limit of its own", () => {
	expect(paceOf("/fyi/unreadnumber")).toEqual(paceOf("/fyi/settings"));
	expect(paceOf("/iserver/account/ORDERS")).toEqual({ key: "/iserver/account/orders", everyMs: 5_000 });
	expect(paceOf("/iserver/account/trades")?.key).not.toBe("/iserver/account/orders");
	expect(paceOf("/iserver/accounts")).toBeUndefined();
});

/** Makes a generator of pseudo-random numbers. The same seed gives the same numbers. */
function* numbers(seed: number): Generator<number, never> {
	for (let state = seed; ; ) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		yield state / 2 ** 32;
	}
}

/** Returns the path as a lenient server could read it. */
function asRead(path: string): string {
	let read = path;
	for (let turn = 0; turn < 3; turn += 1) {
		read = read.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	}
	read = read.replaceAll("\\", "/").replace(/[;?#].*$/s, "");
	return new URL(read.replace(/^\/+/, "/"), "http://x").pathname.toLowerCase();
}

it("isPlain and callKind accept none of 50 000 random spellings of refused paths", () => {
	const random = numbers(7);
	const pieces =
		"/ / / // . .. ./ logout LogOut %6cogout %256cogout iserver auth ssodh init /init %2f %2e %2E%2E ; # \\ reauthenticate sso oauth tickle x accounts %00".split(
			" ",
		);
	const forbidden = /^\/(?:(?:.*\/)?(?:logout|ssodh|reauthenticate)(?:\/|$)|sso\/(?!validate$)|oauth)/;
	let [past, refused] = [0, 0];
	for (let drawn = 0; drawn < 50_000; drawn += 1) {
		const count = 1 + Math.floor(random.next().value * 8);
		const path = `/${Array.from({ length: count }, () => pieces[Math.floor(random.next().value * pieces.length)]).join("")}`;
		if (!forbidden.test(asRead(path))) continue;
		refused += 1;
		if (isPlain(path, "") && callKind("POST", path).kind !== "refused") past += 1;
	}
	expect(past).toBe(0);
	expect(refused).toBeGreaterThan(2_000);
});
