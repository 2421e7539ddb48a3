import { between, pick } from "../world/seeded-random.ts";
import { type Fault, once, type TriggerFault } from "./fault-definition.ts";

const odd = [
	{ status: 500, body: "" },
	{ status: 503, body: '{"error":"service unavailable","statusCode":503}' },
	{ status: 401, body: "Access Denied", path: "/tickle" },
	{ status: 401, body: "not authenticated", path: "/iserver/accounts" },
	{ status: 200, body: "{}" },
	{ status: 200, body: "<html></html>" },
	{ status: 200, body: '{"error":"no session"}', path: "/tickle" },
	{ status: 400, body: '{"error":"Bad Request: no bridge","statusCode":400}' },
	{ status: 200, body: '{"session":"abc","iserver":{"authStatus":{}}}', path: "/tickle" },
	{ status: 403, body: "" },
	{ status: 302, body: "" },
] as const;

/** Replies with which the venue refuses a token request. */
const refusedTokens = [
	{ status: 401, body: '{"error":"id: 5, error: invalid consumer","statusCode":401}' },
	{ status: 500, body: '{"error":"id: 6, error: LST failed"}' },
	{ status: 503, body: "" },
] as const;

/** The accounts that the program expects (`ownAccounts`), and the accounts of another login (`otherAccounts`). */
export const ownAccounts = ["DU0000001"];
export const otherAccounts = ["U9999999"];

/** What the faults of IBKR need: how the session logs in, and a callback. */
interface IbkrContext {
	readonly mode: "gateway" | "oauth1" | "oauth2";
	/**
	 * Called with true when a person logs in to unexpected accounts, and with false when a person logs in to the expected ones again. Absent
	 * if the program accepts all accounts.
	 */
	readonly onOtherLogin?: ((isOther: boolean) => void) | undefined;
}

/** Creates the faults of Interactive Brokers and of the user's login. */
export function ibkrFaults(pull: TriggerFault, { mode, onOtherLogin }: IbkrContext): Fault[] {
	return [
		...brokerageFaults(pull),
		...(mode === "gateway" ? gatewayFaults(pull) : tokenFaults(pull, mode)),
		...(onOtherLogin ? [otherLogin(pull, onOtherLogin)] : []),
	];
}

function otherLogin(pull: TriggerFault, onOtherLogin: (isOther: boolean) => void): Fault {
	const logIn = (accounts: readonly string[]): void => {
		pull("expireSso");
		pull("login", { accounts });
		onOtherLogin(accounts === otherAccounts);
	};
	return {
		name: "a person logs in to other accounts",
		weight: 2,
		inject: (random) => {
			logIn(otherAccounts);
			return { forMs: between(random, 5_000, 900_000), undo: () => logIn(ownAccounts) };
		},
	};
}

/** Creates the faults of a session at a gateway, where only a person can log in. */
function gatewayFaults(pull: TriggerFault): Fault[] {
	const untilLogin = (name: string, fault: string, mostMs: number, weight: number): Fault => ({
		name,
		weight,
		inject: (random) => {
			pull(fault);
			return { forMs: between(random, 5_000, mostMs), undo: () => void pull("login") };
		},
	});
	return [
		untilLogin("login ends", "expireSso", 600_000, 2),
		untilLogin("nightly reset", "reset", 1_200_000, 2),
		{
			name: "gateway restarts",
			inject: (random) => {
				const downMs = between(random, 1_000, 60_000);
				pull("restart", { forMs: downMs });
				return { forMs: downMs + between(random, 1_000, 300_000), undo: () => void pull("login") };
			},
		},
	];
}

/** Creates the faults of a session over OAuth, where the program renews its tokens. */
function tokenFaults(pull: TriggerFault, mode: "oauth1" | "oauth2"): Fault[] {
	return [
		once("token void", () => void pull("expireSso"), 4),
		{
			name: "nightly reset",
			weight: 2,
			inject: (random) => {
				const forMs = between(random, 0, pick(random, [0, 60_000, 600_000]));
				pull("reset", { forMs });
				return { forMs };
			},
		},
		{
			name: "token void, and none is made",
			inject: (random) => {
				if (Number(pull("answer", { times: 0 })) > 0) return undefined;
				const plan = pick(random, refusedTokens);
				pull("expireSso");
				const path = mode === "oauth1" ? { path: "/oauth/live_session_token" } : {};
				pull("answer", { ...plan, ...path, times: between(random, 1, 3) });
				return { text: JSON.stringify(plan) };
			},
		},
	];
}

function brokerageFaults(pull: TriggerFault): Fault[] {
	return [
		{
			name: "another login competes",
			weight: 4,
			inject: (random) => {
				pull("compete", {});
				return { forMs: between(random, 1_000, pick(random, [60_000, 900_000])), undo: () => void pull("leave") };
			},
		},
		{
			name: "inits fail",
			weight: 0.7,
			inject: () => {
				if (Number(pull("answer", { times: 0 })) > 0) return undefined;
				pull("idle");
				pull("answer", { status: 503, body: "", path: "/iserver/auth/ssodh/init", times: 5 });
				// Recovery takes long: after a failed call of `init`, the session waits one minute, and after each further one twice as long as before.
				return { forMs: 2_000_000 };
			},
		},
		{
			name: "one odd answer to a tickle of a living session",
			weight: 2,
			inject: (random) => {
				if (Number(pull("answer", { times: 0 })) > 0) return undefined;
				const as = pick(random, ["empty-401", "no-session"]);
				pull("oddTickle", { as });
				return { text: as, isHarmless: true };
			},
		},
		{
			name: "validation says false while tickles say live",
			weight: 2,
			inject: (random) => {
				pull("validateFalse", { on: true });
				const undo = (): void => void pull("validateFalse", { on: false });
				return { forMs: between(random, 1_000, 600_000), undo, isHarmless: true };
			},
		},
		once("idled out", () => void pull("idle"), 2),
		{
			name: "penalty box",
			weight: 2,
			inject: (random) => {
				const forMs = between(random, 1_000, 900_000);
				pull("penalty", { forMs });
				return { forMs };
			},
		},
		{
			name: "odd answer",
			weight: 4,
			inject: (random) => {
				const plan = pick(random, odd);
				// The simulated venue keeps each planned (wrong) answer until a call uses it. While more than four are unused, this fault plans no
				// further answer. Otherwise calls would still get wrong answers long after the burst of faults.
				if (Number(pull("answer", { times: 0 })) > 4) return undefined;
				pull("answer", { ...plan, times: between(random, 1, 4) });
				return { text: JSON.stringify(plan) };
			},
		},
	];
}
