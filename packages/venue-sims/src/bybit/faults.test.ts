import { expect, it } from "vitest";
import { queryPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

it("fault loseTopics of BybitVenue with argument topic ends only the subscription to this topic, and starts only the countdown of the topic's product", async () => {
	const { subscribed, trigger, venue } = start();
	const connection = await subscribed();
	await connection.subscribe("dcp.spot");
	trigger("loseTopics", { topic: "dcp.spot" });
	expect([venue.truth().DERIVATIVES.state, venue.truth().SPOT.state]).toEqual(["armed", "counting"]);
	expect(await connection.ping()).toMatchObject({ op: "pong" });
	expect(await connection.subscribe("dcp.future")).toMatchObject({ success: false });
	expect(await connection.subscribe("dcp.spot")).toMatchObject({ success: true });
	await connection.ping();
	expect(venue.truth().SPOT.state).toBe("armed");
});

it("fault refuse of BybitVenue with times: 1 refuses one login with a valid API key, then accepts the same key", async () => {
	const { connect, trigger, get } = start();
	expect(await (await connect()).auth()).toMatchObject({ success: true });
	trigger("refuse", { auth: "API key is invalid.", times: 1 });
	const connection = await connect();
	expect(await connection.auth()).toMatchObject({ success: false, ret_msg: "API key is invalid." });
	expect(await get(queryPath)).toMatchObject({ retCode: 0 });
	expect(await connection.auth()).toMatchObject({ success: true });
});

it("fault geoBlock of BybitVenue refuses handshakes and answers calls with an HTML page; fault ban answers calls with a plain text", async () => {
	const { call, connect, trigger } = start();
	trigger("geoBlock", { on: true });
	const blocked = await call("GET", queryPath);
	expect([blocked.status, blocked.headers.get("server")]).toEqual([403, "CloudFront"]);
	expect(await blocked.text()).toContain("block access from your country");
	expect((await connect()).closed).toEqual([1006]);
	trigger("geoBlock", { on: false });
	trigger("ban", { forMs: 1_000 });
	expect(await (await call("GET", queryPath)).text()).toBe("access too frequent");
});

it.each([
	["stops", true],
	["refuses-all", false],
] as const)("option badTopic=%s: topics before an unknown topic are subscribed: %s", async (badTopic, isArmed) => {
	const { connect, state } = start({ badTopic });
	const connection = await connect();
	await connection.auth();
	const reply = await connection.send({ op: "subscribe", args: ["dcp.future", "dcp.x", "order"] });
	expect(reply).toMatchObject({ success: false, ret_msg: "error:handler not found,topic:dcp.x" });
	expect(state()).toBe(isArmed ? "armed" : "idle");
});

it("fault force of BybitVenue with on: false discards the prepared replies that no call has got yet", async () => {
	const { trigger, get } = start();
	trigger("force", { retCode: 10016, times: 5 });
	expect(await get(queryPath)).toMatchObject({ retCode: 10016 });
	trigger("force", { on: false });
	expect(await get(queryPath)).toMatchObject({ retCode: 0 });
});
