import type { Opened } from "@x/keepalive";
import { chance, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import type { CheckedSession } from "./session-with-invariants.ts";

/**
 * The function that the program passes as option `onOpen`. It reports to the invariant `hook` how many losses it got. In some calls, chosen
 * at random, the function waits first or throws.
 */
export async function runOpenHook(
	{ watch, hook, reopen }: CheckedSession,
	{ losses, signal }: Opened<unknown, unknown>,
	world: World,
	random: () => number,
): Promise<void> {
	if (chance(random, 0.1)) {
		const ms = pick(random, [1_000, 20_000]);
		watch.markDisturbed(world.now + ms);
		reopen.markOtherFault(world.now + ms);
		await new Promise<void>((resolve) => {
			const { machine } = world;
			const timer = machine.setTimer(resolve, ms);
			const onAbort = (): void => {
				machine.clearTimer(timer);
				resolve();
			};
			signal.addEventListener("abort", onAbort, { once: true });
		});
	}
	if (!chance(random, 0.05)) {
		hook.returned(losses.length);
		return;
	}
	watch.markDisturbed(world.now);
	reopen.markOtherFault(world.now);
	throw new Error("a hook that throws");
}
