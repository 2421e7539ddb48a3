import { describe, expect, it } from "vitest";
import { allMembers, armedStage, clientSecret, order } from "./testing/start-worker-keeper.ts";

describe("call() of a WorkerKeeper", () => {
	it("call() runs a function in the worker over the session's protected connection and returns its result", async () => {
		const { venue, keeper } = await armedStage();
		const placed = await keeper.call("buy", order);
		expect(placed).toMatchObject({ order: { order_id: venue.orders()[0]?.id } });
		expect(venue.truth().connections).toMatchObject([{ armed: true, openOrders: 1 }]);
	});

	it("call() rejects with the error that the function threw, without those members of the error that may be secret", async () => {
		const { keeper } = await armedStage();
		const error: unknown = await keeper.call("fail").catch((thrown) => thrown);
		expect(error).toMatchObject({
			kind: "call-failed",
			message: "@x/keepalive: call fail failed: it failed.",
			cause: { message: "it failed", code: "E_TEST" },
		});
		expect(JSON.stringify(error, allMembers)).not.toContain(clientSecret);
	});

	it("an error of a venue's client keeps its kind and its data when call() rejects with it", async () => {
		const { keeper } = await armedStage();
		await expect(keeper.call("refusedOrder")).rejects.toMatchObject({
			kind: "call-failed",
			cause: { name: "DeribitError", brand: "@x/deribit-session/DeribitError", kind: "venue" },
		});
	});

	it("call() rejects with the kind `call-unknown` at its deadline, and aborts the function's signal", async () => {
		const { keeper } = await armedStage();
		await expect(keeper.call("hang", undefined, { timeoutMs: 100 })).rejects.toMatchObject({ kind: "call-unknown" });
		expect(await keeper.call("lastAbort")).toContain("timed out after");
	});

	it("call() rejects with the caller's reason when the caller's signal aborts, and aborts the function's signal", async () => {
		const { keeper } = await armedStage();
		const controller = new AbortController();
		const calling = keeper.call("hang", undefined, { signal: controller.signal });
		controller.abort("enough");
		await expect(calling).rejects.toBe("enough");
		expect(await keeper.call("lastAbort")).toContain("the caller aborted");
	});

	it("call() does not run the function if the request reaches the worker after the deadline", async () => {
		const { venue, keeper } = await armedStage();
		const burning = keeper.call("burn", 1_000);
		const late = keeper.call("buy", order, { timeoutMs: 300 });
		const error: unknown = await late.catch((thrown) => thrown);
		// At its deadline the caller cannot know that the worker will refuse the call.
		expect(error).toMatchObject({ kind: "call-unknown" });
		await burning;
		await keeper.call("echo", 1);
		expect(venue.orders()).toEqual([]);
	});

	it("call() returns an answer that arrived before the deadline, even if this thread was blocked until after the deadline", async () => {
		const { keeper } = await armedStage();
		const calling = new Promise((resolve, reject) => {
			// If the call begins in `setImmediate`, Node.js runs the timer of its deadline before it reads the answer.
			setImmediate(() => {
				keeper.call("echo", "answer", { timeoutMs: 100 }).then(resolve, reject);
				for (const end = performance.now() + 1_500; performance.now() < end; );
			});
		});
		expect(await calling).toBe("answer");
	});

	it("call() rejects with `call-refused` if the argument cannot be cloned, and with `call-unknown` if the result cannot be cloned", async () => {
		const { keeper } = await armedStage();
		await expect(keeper.call("echo", () => undefined)).rejects.toMatchObject({ kind: "call-refused" });
		await expect(keeper.call("uncloneable")).rejects.toMatchObject({ kind: "call-unknown" });
	});

	it("call() refuses a call while 100 calls, the maximum, are running", async () => {
		const { keeper } = await armedStage();
		const running = Array.from({ length: 100 }, () => keeper.call("hang", 300));
		await expect(keeper.call("echo", 1)).rejects.toMatchObject({ kind: "call-refused" });
		expect(await Promise.all(running)).toEqual(Array.from({ length: 100 }, () => "done"));
		expect(await keeper.call("echo", 1)).toBe(1);
	});

	it("call() rejects with `call-unknown` when the worker dies, and later calls reject with `call-refused`", async () => {
		const { keeper } = await armedStage();
		await expect(keeper.call("exit", 3)).rejects.toMatchObject({ kind: "call-unknown" });
		await expect(keeper.call("echo", 1)).rejects.toMatchObject({ kind: "call-refused" });
	});
});
