import { expect, it } from "vitest";
import { besideBotWarnings } from "./beside-bot.ts";
import { fullConfig } from "./testing/full-config.ts";

const { hedge, maker, broker } = fullConfig.sessions;

it("warns of a Deribit scope that protects no bot, and of a Bybit connection that hides a bot's death", () => {
	expect(besideBotWarnings(hedge, false)).toEqual([]);
	expect(besideBotWarnings({ ...hedge, cancelScope: "connection" }, true)).toEqual([
		expect.stringContaining("none of a bot's"),
	]);
	expect(besideBotWarnings({ ...hedge, cancelScope: "connection" }, false, true)).toEqual([]);
	expect(besideBotWarnings(maker, false)).toEqual([expect.stringContaining("does not cancel when a bot dies")]);
	expect(besideBotWarnings(maker, true)).toEqual([]);
	expect(besideBotWarnings(broker, false)).toEqual([]);
});
