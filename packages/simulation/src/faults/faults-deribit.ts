import type { DeribitConnection } from "@x/deribit-session";
import type { OwnChange } from "../venues/protection-changed-by-program.ts";
import type { Machine } from "../world/machine.ts";
import { between, chance, pick } from "../world/seeded-random.ts";
import { type Fault, lasting, once, type TriggerFault } from "./fault-definition.ts";

/** Creates the faults that occur at Deribit itself. */
export function deribitFaults(pull: TriggerFault, breaksKeepOrders: boolean): Fault[] {
	const switched = (name: string, fault: string, on: Record<string, unknown>, mostMs: number): Fault =>
		lasting(name, pull, { fault, on, off: { on: false }, mostMs });
	const quiet = (name: string, methods: string[], mostMs: number): Fault =>
		switched(name, "suppressAnswers", { methods }, mostMs);
	return [
		switched("no answers", "suppressAnswers", {}, 90_000),
		quiet("no read-back", ["private/get_cancel_on_disconnect"], 200_000),
		quiet("no test answers", ["public/test"], 60_000),
		quiet("no login answers", ["public/auth"], 60_000),
		switched("arming fails", "failArming", {}, 120_000),
		{ ...switched("arming lies", "ignoreArming", {}, 400_000), weight: 2 },
		once("somebody disarms", () => void pull("disarmAll"), 3, { voidsOrders: true }),
		{
			name: "somebody disarms and arming lies",
			weight: 2,
			inject: () => {
				pull("disarmAll");
				pull("ignoreArming");
				return { forMs: 300_000, voidsOrders: true, undo: () => void pull("ignoreArming", { on: false }) };
			},
		},
		{
			// When the session arms its next connection, the venue acknowledges the call but does not switch cancel-on-disconnect on.
			name: "arming lies to a new connection",
			weight: 2,
			inject: () => {
				pull("disarmAll");
				pull("ignoreArming");
				pull("rateLimit");
				return { forMs: 200_000, voidsOrders: true, undo: () => void pull("ignoreArming", { on: false }) };
			},
		},
		{
			name: "maintenance",
			inject: (random) => {
				pull("maintenance");
				const undo = (): void => void pull("maintenance", { on: false });
				return { forMs: between(random, 1_000, 1_800_000), undo, voidsOrders: breaksKeepOrders };
			},
		},
		{ ...switched("maintenance announced", "announceMaintenance", {}, 300_000), weight: 2 },
		once("rate limit", () => void pull("rateLimit")),
		once("tokens void", () => void pull("voidTokens")),
		once("refresh tokens spent", () => void pull("spendRefreshTokens")),
		{
			// Because all refresh tokens are spent, the session has to sign a new login. The venue's clock is wrong, so the venue refuses the
			// timestamp of this login with the same error as a wrong key.
			name: "refresh tokens spent, and the venue's clock is wrong",
			weight: 2,
			inject: (random) => {
				const ms = between(random, 90_000, 600_000) * (chance(random, 0.5) ? 1 : -1);
				pull("skew", { ms });
				pull("spendRefreshTokens");
				pull("voidTokens");
				return { text: `${ms} ms`, forMs: between(random, 10_000, 600_000), undo: () => void pull("skew", { ms: 0 }) };
			},
		},
		{
			name: "key revoked",
			weight: 0.4,
			inject: () => {
				pull("revoke");
				pull("voidTokens");
				return { forMs: 1_200_000, undo: () => void pull("revoke", { on: false }), fatal: true };
			},
		},
	];
}

/** The session's settings, and what the program has changed over the session's connection. */
interface ProgramContext {
	readonly intervalSeconds: number;
	readonly cancelScope: "connection" | "account";
	readonly ownChanges: { readonly arming: OwnChange; readonly heartbeat: OwnChange };
}

/** Changes of the protection that the program makes by calls over the session's connection. */
export function deribitProgramFaults(
	handle: () => DeribitConnection | undefined,
	machine: Machine,
	{ intervalSeconds, cancelScope, ownChanges }: ProgramContext,
): Fault[] {
	const call = (
		name: string,
		change: OwnChange,
		draw: (random: () => number) => [method: string, params: Readonly<Record<string, unknown>>],
	): Fault => ({
		name,
		weight: 2,
		inject: (random) => {
			const connection = handle();
			if (!connection || machine.isFrozen) return undefined;
			const [method, params] = draw(random);
			machine.deliver(() => {
				const settled = change.begin();
				connection.call(method, params).then(settled, settled);
			});
			return { voidsOrders: true };
		},
	});
	return [
		call("the program disables cancel-on-disconnect", ownChanges.arming, () => [
			"private/disable_cancel_on_disconnect",
			{ scope: cancelScope },
		]),
		call("the program changes the heartbeat", ownChanges.heartbeat, (random) => {
			const others = [10, 30, 60].filter((seconds) => seconds !== intervalSeconds);
			return ["public/set_heartbeat", { interval: pick(random, others) }];
		}),
		call("the program disables the heartbeat", ownChanges.heartbeat, () => ["public/disable_heartbeat", {}]),
		{
			name: "the program subscribes many channels at once",
			weight: 2,
			inject: (random) => {
				const connection = handle();
				if (!connection || machine.isFrozen) return undefined;
				const count = pick(random, [4, 16, 32]);
				machine.deliver(() => {
					for (let index = 0; index < count; index += 1) {
						const channels = [`ticker.BTC-${index}.100ms`];
						connection.call("public/subscribe", { channels }).catch(() => undefined);
					}
				});
				return { text: String(count), isHarmless: true };
			},
		},
	];
}
