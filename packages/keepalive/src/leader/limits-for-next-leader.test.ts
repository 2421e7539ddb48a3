import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import type { Session } from "../session.ts";
import type { UsedLimit, UsedLimits } from "../session-limits.ts";
import { MemoryLeaderStore } from "../testing/memory-leader-store.ts";
import { scripted } from "../testing/scripted-session.ts";
import { machine, pass, useTestMachine } from "../testing/stalling-machine.ts";
import { leaderSession } from "./index.ts";

useTestMachine();

describe("leaderSession with rate limits that the venue counts per user", () => {
	/**
	 * A session with two counted limits: logins, which the venue limits per user, and connections, which it limits per address.
	 */
	function counting() {
		const session = scripted();
		const attempts = { logins: [] as number[], connections: [] as number[] };
		const inherited: unknown[] = [];
		const of = (made: number[]): UsedLimit => ({ made: made.map((at) => [at, 1]) });
		Object.assign(session, {
			userLimits: ["logins"],
			usedLimits: () => ({ logins: of(attempts.logins), connections: of(attempts.connections) }),
			inheritLimits: (used: UsedLimits | "all", wasKilled: boolean) => {
				inherited.push(used === "all" ? used : { ...used, wasKilled });
				return 0;
			},
		});
		const login = (): void => {
			attempts.logins.push(Date.now());
			session.host?.limitsUsed?.();
		};
		return { session, attempts, inherited, login };
	}
	function start(store: MemoryLeaderStore, holder: string) {
		const one = counting();
		const keeper = keepalive([leaderSession(one.session, { store, holder, random: () => 0 })]);
		const stop = async (): Promise<void> => {
			const stopping = keeper.stop({ orders: "keep" });
			await pass(9_000);
			await stopping;
		};
		return { ...one, stop };
	}

	it("a leader passes the number of logins of the user on to the next leader, but not the number of connections of its own address", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(1_000);
		expect(a.inherited).toEqual([]);
		a.attempts.connections.push(Date.now());
		a.login();
		const at = Date.now();
		await pass(10);
		// The leader can no longer renew the lead, as if it had died. The lead expires in the store.
		store.fault = "refuse";
		await pass(20_000);
		store.fault = undefined;
		store.usurp("nobody", 0);
		const b = start(store, "b");
		await pass(2_000);
		expect(b.inherited).toEqual([
			{ logins: { made: [[at, 1]], step: 0 }, connections: { made: [] }, wasKilled: false },
		]);
		await a.stop();
		await b.stop();
	});

	it("a leader passes on the times of its logins, and the times stay right even if the next machine's clock is an hour off", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(1_000);
		a.login();
		const at = Date.now();
		await pass(500);
		await a.stop();
		machine.moveWallClock(-3_600_000);
		const b = start(store, "b");
		await pass(2_000);
		expect(b.inherited).toEqual([
			{ logins: { made: [[at - 3_600_000, 1]], step: 0 }, connections: { made: [] }, wasKilled: false },
		]);
		await b.stop();
	});

	it("a process that becomes the leader again counts each login once, whether it or the previous leader made the login", async () => {
		const store = new MemoryLeaderStore();
		const { signal } = new AbortController();
		const a = counting();
		a.attempts.logins.push(Date.now() - 7_000, Date.now() - 2_000);
		const used = {
			logins: {
				made: [
					[Date.now() - 7_400, 1],
					[Date.now() - 60_000, 1],
				],
				step: 3,
			},
			odd: { made: [] },
		};
		store.usurp("b", 60_000);
		await store.renew("venue", "b", 1, 60_000, signal, JSON.stringify({ writtenAt: Date.now(), used }));
		store.usurp("", 0);
		const one: Session = leaderSession(a.session, { store, holder: "a" });
		await one.becomeLeader?.(signal, () => undefined);
		const ages = [60_000, 7_000, 2_000].map((ageMs) => [Date.now() - ageMs, 1]);
		expect(a.inherited).toEqual([{ logins: { made: ages, step: 3 }, connections: { made: [] }, wasKilled: false }]);
		await one.close("keep");
	});

	it("a process that becomes the leader again counts its own earlier logins once, even if the store received the list of logins seconds late", async () => {
		const store = new MemoryLeaderStore();
		const { signal } = new AbortController();
		const renew = store.renew.bind(store);
		store.renew = async (...claim) => {
			await new Promise((resolve) => setTimeout(resolve, 4_000));
			return renew(...claim);
		};
		const a = counting();
		const one: Session = leaderSession(a.session, { store, holder: "a" });
		await one.becomeLeader?.(signal, () => undefined);
		const made = [Date.now(), Date.now()];
		a.attempts.logins.push(...made);
		await pass(10_000);
		store.usurp("", 0);
		await pass(20_000);
		const again = one.becomeLeader?.(signal, () => undefined);
		await pass(10_000);
		await again;
		expect(a.inherited).toEqual([
			{ logins: { made: made.map((at) => [at, 1]), step: 0 }, connections: { made: [] }, wasKilled: false },
		]);
		await one.close("keep");
	});

	it.each(["", "{}", '{"writtenAt":1,"used":{"logins":{}}}'])(
		"a new leader counts every limit as used up if the store returns %j as the limits that the previous leader has used",
		async (note) => {
			const store = new MemoryLeaderStore();
			const { signal } = new AbortController();
			store.usurp("b", 60_000);
			await store.renew("venue", "b", 1, 60_000, signal, note);
			store.usurp("", 0);
			const a = start(store, "a");
			await pass(1_000);
			expect(a.inherited).toEqual(["all"]);
			await a.stop();
		},
	);
});
