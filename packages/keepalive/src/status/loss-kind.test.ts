import { expect, it, vi } from "vitest";
import { keepalive } from "../keeper.ts";
import { lossKindOf, reworded, SessionError } from "../session-error.ts";
import { advance, hang, lease, scripted, useFakeClock } from "../testing/scripted-session.ts";
import * as deribit from "../venues/deribit/testing/session-with-venue.ts";
import { Stage as IbkrStage } from "../venues/ibkr/testing/simulated-gateway-session.ts";
import type { Cause } from "./status.ts";

useFakeClock();

type Session = Parameters<typeof keepalive>[0][number];

/** Runs a session while `during` runs. Returns the cause of each loss of the session. */
async function lossesOf(session: Session, during: () => Promise<unknown>): Promise<Cause[]> {
	const causes: Cause[] = [];
	const keeper = keepalive([session], { random: () => 0 });
	keeper.onStatus(({ status }) => {
		if (status.state === "lost") causes.push(status.cause);
	});
	await during();
	await keeper.stop({ orders: "keep" });
	return causes;
}

const ended = { disposition: { action: "retry" }, session: "ended" } as const;
const clientError = (kind: string) => Object.assign(new Error("from a client"), { kind });

it.each([
	["the error itself", new SessionError("x", { ...ended, kind: "venue", cause: clientError("closed") }), "venue"],
	["a connection that closed", new SessionError("x", { ...ended, cause: clientError("closed") }), "closed"],
	["a connection that broke", new SessionError("x", { ...ended, cause: clientError("network") }), "closed"],
	["a call without an answer", new SessionError("x", { ...ended, cause: clientError("timeout") }), "silence"],
	["a refusal", new SessionError("x", { ...ended, cause: clientError("venue") }), "venue"],
	["another kind of the client", new SessionError("x", { ...ended, cause: clientError("reply") }), undefined],
	["no kind", new SessionError("x", ended), undefined],
	["an error of another class", clientError("closed"), undefined],
])("lossKindOf takes the kind of a loss from %s", (_, error, kind) => {
	expect(lossKindOf(error)).toBe(kind);
	if (error instanceof SessionError) expect(lossKindOf(reworded(error, "y"))).toBe(kind);
});

it("a loss has the kind `silence` when no beat was acknowledged in time, whatever the error of the last beat is", async () => {
	const beat = async (): Promise<never> => {
		throw new SessionError("the venue is down", { disposition: { action: "retry" }, cause: clientError("network") });
	};
	const message = "the venue is down.";
	expect(await lossesOf(scripted({ beat }), () => advance(60_500))).toEqual([
		{ name: "SessionError", message, kind: "silence" },
	]);
	expect(await lossesOf(scripted({ beat: hang }), () => advance(60_500))).toMatchObject([{ kind: "silence" }]);
});

it("a loss has the kind `stall` when the process stalled before the loss", async () => {
	const session = scripted({
		open: async (signal, count) => (count === 1 ? { ...lease, ttlMs: 3_000 } : hang(signal)),
		beat: hang,
	});
	const causes = await lossesOf(session, async () => {
		await advance(10);
		vi.setSystemTime(Date.now() + 3_600_000);
		await advance(10_000);
	});
	expect(causes).toMatchObject([{ kind: "stall" }]);
});

it("a loss because of a closed connection has the kind `closed`, and isExpected is true only after announced maintenance", async () => {
	for (const isAnnounced of [false, true]) {
		const { session, trigger } = deribit.stage();
		const causes = await lossesOf(session, async () => {
			await advance(1_000);
			if (isAnnounced) trigger("maintenance");
			else trigger("drop");
			await advance(1_000);
		});
		expect(causes).toHaveLength(1);
		expect(causes[0]).toMatchObject({ kind: "closed" });
		expect(causes[0]?.isExpected).toBe(isAnnounced || undefined);
	}
});

it.each([
	["in the nightly reset", "2026-03-10T03:55:00Z", true],
	["at noon", "2026-03-10T16:00:00Z", undefined],
])("a loss at IBKR %s has the kind `venue`, and isExpected is %s", async (_, at, isExpected) => {
	vi.setSystemTime(Date.parse(at));
	const stage = new IbkrStage({ region: "america" });
	const causes = await lossesOf(stage.session, async () => {
		await advance(60_000);
		stage.trigger("reset");
		await advance(60_000);
	});
	expect(causes[0]).toMatchObject({ kind: "venue" });
	expect(causes[0]?.isExpected).toBe(isExpected);
});
