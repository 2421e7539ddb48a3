import type { DeribitConnection } from "@x/deribit-session";
import { memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { seeded } from "../../../../simulation/src/world/seeded.ts";
import { deribit } from "./index.ts";
import { clientId, clientSecret, never, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** A session whose replies take up to four seconds each and overtake each other, and everything that can go wrong with it. */
function trouble(seed: number) {
	const source = seeded(seed);
	const random = (below: number): number => Math.floor(source() * below);
	const { venue, link, pull } = stage();
	class Overtaken extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			const isReply = event instanceof MessageEvent && event.data.includes('"usIn"');
			if (!isReply || random(3) === 0) return super.dispatchEvent(event);
			setTimeout(() => super.dispatchEvent(event), random(4_000));
			return true;
		}
	}
	const verifyEveryMs = random(2) * 30_000;
	const session = deribit({ clientId, clientSecret, WebSocket: Overtaken, verifyEveryMs });
	const scopes = ["connection", "account", undefined] as const;
	const call = (method: string, params: Record<string, unknown>): void => {
		const signal = random(5) === 0 ? AbortSignal.abort() : never;
		const limits = { timeoutMs: 1 + random(2) * random(8_000), signal };
		void session.handle?.call(method, params, undefined, limits).catch(() => undefined);
	};
	const scoped = (method: string) => () => call(method, { scope: scopes[random(3)] });
	let busy = false;
	const once = async (work: () => Promise<unknown>): Promise<void> => {
		if (busy) return;
		busy = true;
		await work().catch(() => undefined);
		busy = false;
	};
	const open = () => void once(() => session.open(never));
	const beat = () => void once(() => session.beat(never));
	const lever = (name: string) => () => void pull(name, { on: random(2) === 0 });
	const actions: (() => void)[] = [
		...[beat, beat, beat, beat, open],
		scoped("private/disable_cancel_on_disconnect"),
		scoped("private/enable_cancel_on_disconnect"),
		scoped("private/get_cancel_on_disconnect"),
		() => call("public/set_heartbeat", { interval: [10, 30, 60][random(3)] }),
		() => call("public/disable_heartbeat", {}),
		() => call("private/get_open_orders", {}),
		() => void session.handle?.authenticate({ clientId, clientSecret }).catch(() => undefined),
		...[lever("lieOnEnable"), lever("failArming")],
		() => void pull("suppressAnswers", { on: random(2) === 0, methods: ["private/get_cancel_on_disconnect"] }),
		() => {
			if (random(10) > 0) return;
			link.drop();
			open();
		},
	];
	const step = async (): Promise<void> => {
		actions[random(actions.length)]?.();
		await vi.advanceTimersByTimeAsync(random(3) * random(2_000));
	};
	return { venue, session, open, step };
}

it("over 200 random histories requireArmed() never gave a connection that the venue would not have cancelled in time", async () => {
	const given = { armed: 0, refused: 0 };
	for (let seed = 1; seed <= 200; seed += 1) {
		const { venue, session, open, step } = trouble(seed);
		open();
		await vi.advanceTimersByTimeAsync(20_000);
		for (let count = 0; count < 150; count += 1) {
			await step();
			let armed: DeribitConnection;
			try {
				armed = session.requireArmed();
				given.armed += 1;
			} catch {
				given.refused += 1;
				continue;
			}
			const truth = venue.truth().connections.at(-1);
			expect({ seed, count, ...truth }).toMatchObject({ armed: true, heartbeatSeconds: 30, authenticated: true });
			expect(armed).toBe(session.handle);
		}
		const closing = session.close("cancel");
		await vi.advanceTimersByTimeAsync(60_000);
		await closing;
	}
	// Both happen often enough for this to mean something.
	expect(given.armed).toBeGreaterThan(1_000);
	expect(given.refused).toBeGreaterThan(1_000);
});
