import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { isSessionError } from "../../session-error.ts";
import { never, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

describe("an opening with a signature", () => {
	const signed = { authGrant: "client_signature" } as const;

	it.each([-30_000, 30_000])("goes on while this machine's clock is %i ms off", async (ms) => {
		const { session, pull } = stage(signed);
		pull("skew", { ms });
		expect((await session.open(never)).protection.state).toBe("armed");
		await session.close("keep");
	});

	it.each([
		[30_001, "30 s behind"],
		[-30_001, "30 s ahead of"],
		[-7_200_000, "7200 s ahead of"],
	])("sends none when the venue's clock is %i ms ahead: it asks for the clock to be set", async (ms, off) => {
		const { session, pull, count } = stage(signed);
		pull("skew", { ms });
		const error: unknown = await session.open(never).catch((reason: unknown) => reason);
		expect(isSessionError(error) && error.disposition).toEqual({
			action: "human",
			todo: `set this machine's clock: it is ${off} the venue's`,
		});
		expect(count("public/auth")).toBe(0);
	});

	it("goes on by itself once the clock is set", async () => {
		const { session, pull } = stage(signed);
		pull("skew", { ms: 3_600_000 });
		const keeper = keepalive([session], { blockedRetryMs: 60_000 });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(keeper.current("deribit").status.state).toBe("blocked");
		pull("skew", { ms: 0 });
		await vi.advanceTimersByTimeAsync(60_000);
		// A signature is made off the event loop, where no fake clock reaches.
		await vi.waitUntil(() => keeper.current("deribit").status.state !== "opening", { timeout: 10_000 });
		expect(keeper.current("deribit").status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		const stopped = keeper.stop({ orders: "keep" });
		await vi.advanceTimersByTimeAsync(5_000);
		await stopped;
	});

	it("signs nothing anew while the clock is off, says so once its tokens are void, and goes on when it is set", async () => {
		const { session, pull, count } = stage(signed);
		await session.open(never);
		const logins = count("public/auth");
		pull("skew", { ms: 3_600_000 });
		pull("voidTokens");
		pull("spendRefreshTokens");
		// The first finds the tokens void, the others would renew them.
		for (let beats = 0; beats < 4; beats += 1) {
			await vi.advanceTimersByTimeAsync(60_000);
			const { protection } = await session.beat(never);
			const reason = protection.state === "unknown" ? protection.reason : protection.state;
			expect(reason).toContain(beats === 0 ? "13009" : "clock is 3600 s behind the venue's");
		}
		expect(count("public/auth")).toBe(logins);
		pull("skew", { ms: 0 });
		expect((await session.beat(never)).protection.state).toBe("armed");
		await session.close("keep");
	});

	it("asks for no time when the secret itself is the proof", async () => {
		const { session, pull, count } = stage();
		pull("skew", { ms: 3_600_000 });
		await session.open(never);
		expect(count("public/get_time")).toBe(0);
		await session.close("keep");
	});
});
