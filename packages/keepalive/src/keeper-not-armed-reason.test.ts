import { describe, expect, it, vi } from "vitest";
import { keepalive } from "./keeper.ts";
import { isKeeperError } from "./keeper-error.ts";
import type { StatusRecord } from "./status/status.ts";
import { advance, lease, scripted, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

const protectionOf = ({ status }: StatusRecord) => ("protection" in status ? status.protection : undefined);

/** A session whose `open()` and `beat()` report it as armed. It gives a reason against sending orders when the test sets one. */
function sessionWithReason() {
	let reason: string | undefined;
	const session = scripted({ notArmedReason: () => reason });
	const setReason = (next: string | undefined): void => {
		reason = next;
	};
	return { session, setReason };
}

describe("notArmedReason() of a session: the session's own reason why no order may be sent", () => {
	it("isArmed(), requireArmed(), snapshot() and current() report a session as not armed as soon as its notArmedReason() returns a reason", async () => {
		const { session, setReason } = sessionWithReason();
		const keeper = keepalive([session]);
		await advance(0);
		expect(session.host?.notArmedReason()).toBe(undefined);
		setReason("switched off over the handle");
		expect(keeper.isArmed("venue")).toBe(false);
		expect(() => keeper.requireArmed("venue")).toThrow("venue is not armed: switched off over the handle");
		const expected = { state: "unknown", reason: "switched off over the handle" };
		expect(protectionOf(keeper.snapshot().venue)).toEqual(expected);
		expect(protectionOf(keeper.current("venue"))).toEqual(expected);
		expect(session.host?.notArmedReason()).toBe("switched off over the handle");
		setReason(undefined);
		expect(keeper.isArmed("venue")).toBe(true);
		expect(protectionOf(keeper.snapshot().venue)).toEqual(lease.protection);
		await keeper.stop({ orders: "keep" });
	});

	it("protectionChanged() makes the keeper publish the new notArmedReason() of the session, once for each change", async () => {
		const { session, setReason } = sessionWithReason();
		const keeper = keepalive([session]);
		await advance(0);
		const published: unknown[] = [];
		keeper.onStatus((record) => published.push(protectionOf(record)));
		published.length = 0;
		for (const reason of ["maintenance", "maintenance", "switched off", undefined, undefined]) {
			setReason(reason);
			session.host?.protectionChanged();
		}
		expect(published).toEqual([
			{ state: "unknown", reason: "maintenance" },
			{ state: "unknown", reason: "switched off" },
			lease.protection,
		]);
		await keeper.stop({ orders: "keep" });
	});

	it("protectionChanged() does not publish a session as armed if the lease expired during a suspension of the machine", async () => {
		const { session, setReason } = sessionWithReason();
		const keeper = keepalive([session]);
		await advance(0);
		setReason("maintenance");
		session.host?.protectionChanged();
		const published: unknown[] = [];
		keeper.onStatus((record) => published.push(protectionOf(record)));
		published.length = 0;
		vi.setSystemTime(Date.now() + 3_600_000);
		setReason(undefined);
		session.host?.protectionChanged();
		expect([keeper.isArmed("venue"), published]).toEqual([false, []]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session whose notArmedReason() returns a reason stays not armed, even if the next beat confirms the protection as armed", async () => {
		const { session, setReason } = sessionWithReason();
		const keeper = keepalive([session], { random: () => 0 });
		await advance(0);
		setReason("maintenance");
		await advance(60_000);
		expect(session.calls.length).toBeGreaterThan(1);
		const status = keeper.snapshot().venue.status;
		expect(status).toMatchObject({ state: "alive", protection: { state: "unknown", reason: "maintenance" } });
		expect(status).not.toHaveProperty("hangMs");
		await keeper.stop({ orders: "keep" });
	});

	it("a session whose notArmedReason() throws is not armed", async () => {
		const session = scripted({
			notArmedReason: () => {
				throw new Error("no answer");
			},
		});
		const keeper = keepalive([session]);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(false);
		expect(() => keeper.requireArmed("venue")).toThrow("notArmedReason() of the session threw: no answer");
		await keeper.stop({ orders: "keep" });
	});

	it("a session whose notArmedReason() returns undefined is not armed when its open() and beat() report the protection as unarmed", async () => {
		const unarmed = async () => ({ ...lease, protection: { state: "unarmed", reason: "off" } as const });
		const keeper = keepalive([scripted({ open: unarmed, beat: unarmed, notArmedReason: () => undefined })]);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(false);
		await keeper.stop({ orders: "keep" });
	});
});

describe("Keeper.requireArmed", () => {
	it("requireArmed() throws a KeeperError with the name of the session and with its latest failure as the cause", async () => {
		const failure = new Error("refused");
		const keeper = keepalive([scripted({ open: async () => Promise.reject(failure) })]);
		await advance(0);
		const thrown = (() => {
			try {
				return keeper.requireArmed("venue");
			} catch (error) {
				return error;
			}
		})();
		expect(isKeeperError(thrown)).toBe(true);
		expect(thrown).toMatchObject({ kind: "not-armed", session: "venue", cause: failure });
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() does not name a failure as the cause if the session was alive again after that failure", async () => {
		const { session, setReason } = sessionWithReason();
		let opens = 0;
		const open = async () => {
			opens += 1;
			return opens === 1 ? Promise.reject(new Error("refused")) : lease;
		};
		const keeper = keepalive([{ ...session, open }], { random: () => 0 });
		await advance(60_000);
		setReason("maintenance");
		expect(() => keeper.requireArmed("venue")).toThrow(expect.not.objectContaining({ cause: expect.anything() }));
		await keeper.stop({ orders: "keep" });
	});
});
