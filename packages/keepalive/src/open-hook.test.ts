import { describe, expect, it } from "vitest";
import { runOnOpen } from "./open-hook.ts";
import { SessionError } from "./session-error.ts";

const opened = (signal = new AbortController().signal) => ({ handle: "client", losses: [1, 2], signal });

describe("runOnOpen", () => {
	it("says whether there was a hook, and awaits it", async () => {
		const seen: unknown[] = [];
		const hook = async (passed: unknown): Promise<void> => {
			await Promise.resolve();
			seen.push(passed);
		};
		const given = opened();
		expect(await runOnOpen("@x/keepalive/venue", undefined, given)).toBe(false);
		expect(await runOnOpen("@x/keepalive/venue", hook, given)).toBe(true);
		expect(seen).toEqual([given]);
	});

	it("turns whatever the hook throws into an error that is retried", async () => {
		const cause = new TypeError("no such order");
		const failed = runOnOpen("@x/keepalive/venue", () => Promise.reject(cause), opened());
		await expect(failed).rejects.toMatchObject({
			message: "@x/keepalive/venue: open failed: the option onOpen threw or rejected",
			disposition: { action: "retry" },
			cause,
		});
	});

	it("passes on a SessionError of the hook, which decides what to do next", async () => {
		const fatal = new SessionError("the account is not ours", { disposition: { action: "fatal" } });
		await expect(runOnOpen("@x/keepalive/venue", () => Promise.reject(fatal), opened())).rejects.toBe(fatal);
	});

	it("rejects with the reason of the signal when the open was given up meanwhile", async () => {
		const controller = new AbortController();
		const hook = (): void => controller.abort(new Error("given up"));
		await expect(runOnOpen("@x/keepalive/venue", hook, opened(controller.signal))).rejects.toThrow("given up");
	});

	it("does not call the hook of an open that was given up before", async () => {
		let calls = 0;
		const hook = (): void => {
			calls += 1;
		};
		const given = opened(AbortSignal.abort(new Error("given up")));
		await expect(runOnOpen("@x/keepalive/venue", hook, given)).rejects.toThrow("given up");
		expect(calls).toBe(0);
	});
});
