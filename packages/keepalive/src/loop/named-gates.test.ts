import { describe, expect, it } from "vitest";
import { type Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import { advance, callsOf, scripted, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

const closed = { orders: "cancelled", withinMs: 0, detail: "left" } as const;
const session = (name: string) => scripted({ close: async () => closed }, name);

/** A keeper with the sessions a, b and c. The gate "maker", with a tolerance of 5 s, contains the sessions a and b. */
function gated(gate: Partial<NonNullable<KeeperOptions["gates"]>[number]> = {}, options: KeeperOptions = {}) {
	const [a, b, c] = [session("a"), session("b"), session("c")];
	const gates = [{ name: "maker", sessions: ["a", "b"], toleranceMs: 5_000, ...gate }];
	const keeper = keepalive([a, b, c], { random: () => 0, gates, ...options });
	const states = (): string[] => ["a", "b", "c"].map((name) => keeper.current(name).status.state);
	const stop = async (): Promise<void> => {
		await Promise.all([keeper.stop({ orders: "cancel" }), advance(9_000)]);
	};
	return { keeper, a, c, states, stop };
}

describe("named health gates", () => {
	it("a named gate closes only the sessions that it names, and opens them again at the next pulse() with its name", async () => {
		const { keeper, a, c, states, stop } = gated();
		await advance(4_999);
		expect(states()).toEqual(["alive", "alive", "alive"]);
		await advance(1);
		expect(states()).toEqual(["gated", "gated", "alive"]);
		expect([keeper.isArmed("a"), keeper.isArmed("c")]).toEqual([false, true]);
		keeper.pulse("maker");
		await advance(0);
		expect(states()).toEqual(["alive", "alive", "alive"]);
		expect(callsOf(a)).toEqual(["open", "close cancel", "open"]);
		expect(callsOf(c)[0]).toBe("open");
		await stop();
	});

	it("the option `gate` closes the sessions that belong to no named gate", async () => {
		const { keeper, states, stop } = gated({ toleranceMs: 60_000 }, { gate: { toleranceMs: 1_000 } });
		await advance(1_000);
		expect(states()).toEqual(["alive", "alive", "gated"]);
		keeper.pulse();
		await advance(0);
		expect(states()).toEqual(["alive", "alive", "alive"]);
		await stop();
	});

	it("the status `alive` has hangMs only for the sessions that a named gate names", async () => {
		const { keeper, stop } = gated();
		await advance(1_000);
		expect(keeper.current("a").status).toHaveProperty("hangMs");
		expect(keeper.current("c").status).not.toHaveProperty("hangMs");
		await stop();
	});

	it("a named gate with startsHealthy: false opens its sessions only at the first pulse()", async () => {
		const { keeper, a, states, stop } = gated({ startsHealthy: false });
		await advance(600_000);
		expect(states()).toEqual(["gated", "gated", "alive"]);
		expect(callsOf(a).filter((call) => call === "open")).toEqual([]);
		expect(keeper.current("a").status).toMatchObject({
			cause: { message: "@x/keepalive: no health signal from maker since the start." },
		});
		keeper.pulse("maker");
		await advance(0);
		expect(states()).toEqual(["alive", "alive", "alive"]);
		await stop();
	});

	it.each<[string, NonNullable<KeeperOptions["gates"]>, string]>([
		["a session that does not exist", [{ name: "x", sessions: ["d"], toleranceMs: 1_000 }], 'got "d"'],
		["a session twice", [{ name: "x", sessions: ["a", "a"], toleranceMs: 1_000 }], 'got "a" twice'],
		[
			"the same name twice",
			[
				{ name: "x", sessions: ["a"], toleranceMs: 1_000 },
				{ name: "x", sessions: ["b"], toleranceMs: 1_000 },
			],
			'got "x" twice',
		],
		["a tolerance that is too short", [{ name: "x", sessions: ["a"], toleranceMs: 99 }], "gates[0].toleranceMs"],
	])("keepalive() refuses the option `gates` with %s", (_, gates, text) => {
		expect(() => keepalive([session("a"), session("b")], { gates })).toThrow(text);
	});

	it("pulse() throws for a name that no gate has, and for a gate with isHealthy()", async () => {
		const { keeper, stop } = gated({ isHealthy: () => true });
		expect(() => keeper.pulse("taker")).toThrow(TypeError);
		expect(() => keeper.pulse("maker")).toThrow("has no isHealthy");
		expect(() => (keeper as Keeper).pulse()).toThrow("only if the option gate is set");
		await stop();
	});
});
