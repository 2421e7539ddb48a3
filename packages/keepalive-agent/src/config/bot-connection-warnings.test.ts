import { expect, it } from "vitest";
import { botConnectionWarnings } from "./bot-connection-warnings.ts";
import { fullConfig } from "./testing/full-config.ts";

const { hedge, maker, broker } = fullConfig.sessions;

it("botConnectionWarnings warns if Deribit would not cancel a bot's orders, or if the agent's subscription would keep Bybit from cancelling them", () => {
	expect(botConnectionWarnings(hedge, "none")).toEqual([]);
	expect(botConnectionWarnings({ ...hedge, cancelScope: "connection" }, "local")).toEqual([
		expect.stringContaining("not those of your bots"),
	]);
	expect(botConnectionWarnings({ ...hedge, cancelScope: "connection" }, "none", true)).toEqual([]);
	expect(botConnectionWarnings(maker, "none")).toEqual([expect.stringContaining("does not cancel when a bot dies")]);
	expect(botConnectionWarnings(maker, "local")).toEqual([]);
	// If the configuration has a section `leader`, other machines open this session too, unless the session has `leader: false`.
	const { leader: _, ...led } = maker;
	expect(botConnectionWarnings(led, "local", false, true)).toEqual([expect.stringContaining("Set shared: true")]);
	expect(botConnectionWarnings(led, "shared", false, true)).toEqual([]);
	expect(botConnectionWarnings(maker, "local", false, true)).toEqual([]);
	expect(botConnectionWarnings(broker, "none")).toEqual([]);
});
