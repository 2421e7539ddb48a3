import { type AddressInfo, createServer } from "node:net";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { epochOf, newLeaderName } from "../../keepalive/src/testing/leader-store-tests.ts";
import { FaultyProxy } from "./testing/faulty-proxy.ts";
import { natsProgram, password } from "./testing/nats-server.ts";

import { made, poll, server, signal, store, storeWith, ttlMs, useServer } from "./testing/test-stores.ts";

describe.skipIf(!natsProgram)("natsLeaderStore", () => {
	useServer();

	describe("natsLeaderStore behind a faulty network", () => {
		let proxy: FaultyProxy;
		beforeAll(async () => {
			proxy = await FaultyProxy.start(server.port);
		});
		afterAll(() => proxy?.close());

		/** Makes a call whose write the server executes, and loses the reply to that write. */
		const lost = async (call: (cut: AbortSignal) => Promise<unknown>, bucket = "keepalive_leader"): Promise<void> => {
			const cut = new AbortController();
			const isLost = proxy.loseReplyTo(`HPUB $KV.${bucket}.`);
			const calling = expect(call(cut.signal)).rejects.toThrow("no longer awaited");
			await isLost;
			cut.abort(new Error("no longer awaited"));
			await calling;
			proxy.heal();
		};
		const behindProxyUrl = () => server.url.replace(String(server.port), String(proxy.port));
		const behindProxy = () => made({ servers: behindProxyUrl() });

		it("take() whose reply was lost has taken the lead: another process cannot take the lead, and the same process can repeat take()", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			await lost((cut) => one.take(of, "a", ttlMs, cut));
			const other = await store().take(of, "b", ttlMs, signal);
			if (other.isTaken) return expect.fail("another process leads");
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			expect(epoch).toBeGreaterThan(other.leader.epoch);
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect(await one.renew(of, "a", other.leader.epoch, ttlMs, signal)).toBe(false);
		});

		it("renew() succeeds although the replies to the last two renewals, which contained the entry's new revisions, were lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut));
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect((await store().inspect(of)).leader).toMatchObject({ holder: "a", epoch });
		});

		it("renew() replaces this process's note for the next leader even if the reply to the previous write of the note was lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut, "first"), "keepalive_leader_notes");
			expect(await one.renew(of, "a", epoch, ttlMs, signal, "second")).toBe(true);
			expect(await store().take(of, "a", ttlMs, signal)).toMatchObject({ note: { text: "second" } });
		});

		it("release() that is repeated because its reply was lost does not end the lead of the next process", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.release(of, "a", epoch, cut));
			const next = epochOf(await store().take(of, "b", ttlMs, signal));
			await one.release(of, "a", epoch, signal);
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(false);
			expect((await store().inspect(of)).leader).toMatchObject({ holder: "b", epoch: next });
		});

		/**
		 * Makes a store that uses the user's own connection. That connection stays open when a call is given up, so a delayed
		 * write can still arrive.
		 */
		const lateStore = async () => {
			const own = await connect({ servers: `127.0.0.1:${proxy.port}`, user: "agent", pass: password });
			onTestFinished(() => own.close());
			return made({ connection: own });
		};

		it.each([
			["a renewal", false],
			["a release", undefined],
		] as const)("%s that arrives late does not end the lead of another process", async (what, result) => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader.");
			const late =
				what === "a renewal" ? one.renew(of, "a", epoch, ttlMs, signal) : one.release(of, "a", epoch, signal);
			await isHeld;
			await other.release(of, "a", epoch, signal);
			const next = epochOf(await other.take(of, "b", ttlMs, signal));
			proxy.heal();
			expect(await late).toBe(result);
			expect((await other.inspect(of)).leader).toMatchObject({ holder: "b", epoch: next });
		});

		it("take() whose request arrives late does not take the lead from another process", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			await one.inspect(of);
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader.");
			const late = one.take(of, "a", ttlMs, signal);
			await isHeld;
			const epoch = epochOf(await other.take(of, "b", ttlMs, signal));
			proxy.heal();
			expect(await late).toMatchObject({ isTaken: false, leader: { holder: "b", epoch } });
		});

		it("createBucket() rejects when another process has just created the bucket with a different ttl", async () => {
			const isHeld = proxy.hold("STREAM.CREATE.KV_slower ");
			const slower = expect(
				made({ servers: behindProxyUrl(), bucket: "slower" }).createBucket({ ttlMs: 10_000 }),
			).rejects.toThrow("the ttl of the bucket slower is 20000 ms, and ttlMs is 10000");
			await isHeld;
			await store({ bucket: "slower" }).createBucket({ ttlMs: 20_000 });
			proxy.heal();
			await slower;
		});

		it("take() rejects when another process takes the lead while the call is in progress", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const isHeld = proxy.hold("PUB $KV.keepalive_leader_notes.");
			const late = expect(one.take(of, "a", ttlMs, signal)).rejects.toThrow(
				"the lead expired, or another process took it, while this call was in progress",
			);
			await isHeld;
			const { epoch = 0 } = (await other.inspect(of)).leader ?? {};
			await other.release(of, "a", epoch, signal);
			await other.take(of, "b", ttlMs, signal);
			proxy.heal();
			await late;
		});

		it("take() sends no further request after its signal has aborted", async () => {
			const of = newLeaderName();
			const one = await lateStore();
			await one.inspect(of);
			const cut = new AbortController();
			const isHeld = proxy.hold("STREAM.MSG.GET");
			const calling = expect(one.take(of, "a", ttlMs, cut.signal)).rejects.toThrow("given up");
			await isHeld;
			cut.abort(new Error("given up"));
			await calling;
			proxy.heal();
			await one.inspect(newLeaderName());
			expect(await store().inspect(of)).toEqual({ mayLead: true });
		});

		it("renew() whose note for the next leader arrives late does not replace the note of a later leader", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader_notes.");
			const late = one.renew(of, "a", epoch, ttlMs, signal, "of the earlier");
			await isHeld;
			await other.release(of, "a", epoch, signal);
			const next = epochOf(await other.take(of, "b", ttlMs, signal));
			await other.renew(of, "b", next, ttlMs, signal, "of the later");
			proxy.heal();
			expect(await late).toBe(false);
			expect(await other.take(of, "b", ttlMs, signal)).toMatchObject({ note: { text: "of the later" } });
		});

		it("natsLeaderStore opens a new connection after a call over the old connection got no answer before the call's signal aborted", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			proxy.silence();
			await expect(one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(200))).rejects.toThrow();
			expect(await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(5_000))).toBe(true);
		});

		it("natsLeaderStore keeps its connection when a call aborts, if another call over that connection got an answer meanwhile", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const before = proxy.accepted;
			const cut = new AbortController();
			const isLost = proxy.loseReplyTo("HPUB $KV.keepalive_leader.");
			const calling = expect(one.renew(of, "a", epoch, ttlMs, cut.signal)).rejects.toThrow("given up");
			await isLost;
			proxy.heal();
			await one.inspect(of);
			cut.abort(new Error("given up"));
			await calling;
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect(proxy.accepted).toBe(before);
		});
	});

	it("natsLeaderStore closes its connections to a server that accepts connections but never sends a greeting", async () => {
		const mute = createServer();
		await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void mute.close());
		let open = 0;
		mute.on("connection", (socket) => {
			open += 1;
			socket.on("close", () => {
				open -= 1;
			});
			socket.resume();
		});
		// The cast is safe: a server that listens on TCP has an address of this type.
		const one = made({ servers: `nats://127.0.0.1:${(mute.address() as AddressInfo).port}` });
		for (let calls = 0; calls < 5; calls += 1) {
			await expect(one.take("a", "a", ttlMs, AbortSignal.timeout(100))).rejects.toThrow("timeout");
		}
		await poll(async () => (open === 0 ? true : undefined));
	});

	it("natsLeaderStore uses the second of its servers when the first does not answer", async () => {
		const one = made({ servers: ["nats://127.0.0.1:1", server.url] });
		expect(await one.inspect(newLeaderName())).toEqual({ mayLead: true });
	});

	it("natsLeaderStore rejects calls while the server is frozen, and works once the server answers again", async () => {
		const of = newLeaderName();
		const one = store();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		server.freeze();
		try {
			for (let calls = 0; calls < 3; calls += 1) {
				await expect(one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(200))).rejects.toThrow(
					"aborted due to timeout",
				);
			}
			await expect(store().take(of, "b", ttlMs, AbortSignal.timeout(200))).rejects.toThrow("aborted due to timeout");
		} finally {
			server.thaw();
		}
		expect(await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(5_000))).toBe(true);
	});

	it("natsLeaderStore rejects calls while the server is down, without showing the password, and finds leader, epochs and note again after a restart", async () => {
		const of = newLeaderName();
		const one = store();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		await one.renew(of, "a", epoch, ttlMs, signal, "note");
		await server.halt();
		const failure = await one
			.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(10_000))
			.catch((error: unknown) => error);
		expect(String(failure)).toMatch(/^Error: @x\/keepalive-nats: renewing the lead of .* failed: /);
		const again = await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(10_000)).catch((error: unknown) => error);
		expect(String(again)).toContain(`connect ECONNREFUSED 127.0.0.1:${server.port}.`);
		expect(`${failure}${again}`).not.toContain(password);
		await server.resume();
		expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
		await one.release(of, "a", epoch, signal);
		const next = await store().take(of, "b", ttlMs, signal);
		expect(next).toMatchObject({ isTaken: true, note: { text: "note" } });
		expect(epochOf(next)).toBeGreaterThan(epoch + 2);
	});

	it("take() returns a higher epoch (fencing token) after a restart of the server, even if the last leader expired while the server was down", async () => {
		const one = await storeWith("emptied", 300);
		const first = epochOf(await one.take("a", "a", 300, signal));
		await server.halt();
		await new Promise((resolve) => setTimeout(resolve, 400));
		await server.resume();
		expect(epochOf(await one.take("a", "b", 300, signal))).toBeGreaterThan(first);
	});
});
