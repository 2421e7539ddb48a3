import { expect, it } from "vitest";
import { besideBotWarnings } from "./beside-bot-warnings.ts";
import { fullConfig } from "./testing/full-config.ts";

const { hedge, maker, broker } = fullConfig.sessions;

it("besideBotWarnings warns if Deribit would not cancel the bots' orders, or if Bybit would not notice a bot's death because of the agent", () => {
	expect(besideBotWarnings(hedge, "none")).toEqual([]);
	expect(besideBotWarnings({ ...hedge, cancelScope: "connection" }, "local")).toEqual([
		expect.stringContaining("not those of your bots"),
	]);
	expect(besideBotWarnings({ ...hedge, cancelScope: "connection" }, "none", true)).toEqual([]);
	expect(besideBotWarnings(maker, "none")).toEqual([expect.stringContaining("does not cancel when a bot dies")]);
	expect(besideBotWarnings(maker, "local")).toEqual([]);
	// Without `leader: false`, other machines open this session too, if the configuration has a section `leader`.
	const { leader: _, ...led } = maker;
	expect(besideBotWarnings(led, "local", false, true)).toEqual([expect.stringContaining("Set shared: true")]);
	expect(besideBotWarnings(led, "shared", false, true)).toEqual([]);
	expect(besideBotWarnings(maker, "local", false, true)).toEqual([]);
	expect(besideBotWarnings(broker, "none")).toEqual([]);
});
