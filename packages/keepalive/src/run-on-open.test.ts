import { describe, expect, it } from "vitest";
import { runOnOpen } from "./run-on-open.ts";
import { SessionError } from "./session-error.ts";

const opened = (signal = new AbortController().signal) => ({ handle: "client", losses: [1, 2], signal });

describe("runOnOpen", () => {
	it("runOnOpen awaits the option onOpen, and returns whether the option is set", async () => {
		const seen: unknown[] = [];
		const hook = async (passed: unknown): Promise<void> => {
			await Promise.resolve();
			seen.push(passed);
		};
		const given = opened();
		expect(await runOnOpen("@x/keepalive/venue", undefined, given)).toBe(false);
		expect(await runOnOpen("@x/keepalive/venue", hook, given)).toBe(true);
		expect(seen).toEqual([{ ...given, signal: expect.any(AbortSignal) }]);
	});

	it("runOnOpen rejects with a SessionError that asks for a retry when the hook onOpen throws an error that is no SessionError", async () => {
		const cause = new TypeError("no such order");
		const failed = runOnOpen("@x/keepalive/venue", () => Promise.reject(cause), opened());
		await expect(failed).rejects.toMatchObject({
			message: "@x/keepalive/venue: open failed: the option onOpen threw or rejected.",
			disposition: { action: "retry" },
			cause,
		});
	});

	it("runOnOpen rejects with a SessionError that the hook onOpen throws, because that error says what to do next", async () => {
		const fatal = new SessionError("the account is not ours", { disposition: { action: "fatal" } });
		await expect(runOnOpen("@x/keepalive/venue", () => Promise.reject(fatal), opened())).rejects.toBe(fatal);
	});

	it("runOnOpen rejects with the reason of the signal when the open is given up while the hook onOpen runs", async () => {
		const controller = new AbortController();
		const hook = (): void => controller.abort(new Error("given up"));
		await expect(runOnOpen("@x/keepalive/venue", hook, opened(controller.signal))).rejects.toThrow("given up");
	});

	it("runOnOpen does not call the hook onOpen when the open has already been given up", async () => {
		let calls = 0;
		const hook = (): void => {
			calls += 1;
		};
		const given = opened(AbortSignal.abort(new Error("given up")));
		await expect(runOnOpen("@x/keepalive/venue", hook, given)).rejects.toThrow("given up");
		expect(calls).toBe(0);
	});

	it.each(["signal", "ended"] as const)(
		"runOnOpen rejects at once when %s aborts, even if the hook onOpen never settles",
		async (which) => {
			const controllers = { signal: new AbortController(), ended: new AbortController() };
			let seen: AbortSignal | undefined;
			const hook = ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
				seen = signal;
				return new Promise(() => undefined);
			};
			const { signal, ended } = controllers;
			const running = runOnOpen("@x/keepalive/venue", hook, opened(signal.signal), ended.signal);
			expect(seen?.aborted).toBe(false);
			const reason = new Error("over");
			controllers[which].abort(reason);
			expect(seen?.reason).toBe(reason);
			await expect(running).rejects.toBe(reason);
		},
	);

	it("runOnOpen does not call the hook onOpen when the connection has already ended", async () => {
		const hook = (): never => expect.fail("it was called");
		const ended = AbortSignal.abort(new Error("closed"));
		await expect(runOnOpen("@x/keepalive/venue", hook, opened(), ended)).rejects.toThrow("closed");
	});
});
