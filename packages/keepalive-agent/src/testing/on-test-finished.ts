import { AsyncLocalStorage } from "node:async_hooks";
import { aroundEach, type TestContext } from "vitest";

const running = new AsyncLocalStorage<TestContext>();
aroundEach((runTest, context) => running.run(context, runTest));

/**
 * Calls `close` when the running test has finished. In contrast to Vitest's function of this name, it finds the running test even after
 * an `await` and while other tests run concurrently.
 */
export function onTestFinished(close: () => unknown): void {
	const context = running.getStore();
	if (!context) throw new Error("onTestFinished must be called by a test");
	context.onTestFinished(async () => void (await close()));
}
