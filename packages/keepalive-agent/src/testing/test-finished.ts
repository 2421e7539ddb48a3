import { AsyncLocalStorage } from "node:async_hooks";
import { aroundEach, type TestContext } from "vitest";

const running = new AsyncLocalStorage<TestContext>();
aroundEach((runTest, context) => running.run(context, runTest));

/**
 * Calls `close` when the running test has finished. Unlike the function of Vitest with this name, it also knows its test
 * after an `await` in a test that runs concurrently with others.
 */
export function onTestFinished(close: () => unknown): void {
	const context = running.getStore();
	if (!context) throw new Error("onTestFinished must be called by a test");
	context.onTestFinished(async () => void (await close()));
}
