import { inspect } from "node:util";
import { neverAborted } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, settled, useFakeClock, waitMsOf } from "./testing/simulated-gateway-session.ts";

useFakeClock();

/** Returns a reply in which a gateway lists these accounts, for paper trading or live trading. */
const accounts = (ids: readonly string[], isPaper?: boolean) => ({
	path: "/iserver/accounts",
	status: 200,
	body: JSON.stringify({ accounts: ids, selectedAccount: ids[0], ...(isPaper === undefined ? {} : { isPaper }) }),
	times: 2,
});

type Expected = NonNullable<IbkrSessionOptions["expect"]>;

const expecting = (expect: Expected, options: IbkrSessionOptions = {}) => new Stage({}, { ...options, expect });

describe("the option expect of an IBKR session", () => {
	it.each<[string, Expected, ReturnType<typeof accounts>]>([
		["all expected accounts are there, beside others", { accounts: ["U1", "U2"] }, accounts(["U2", "U3", "U1"])],
		["the login is live as expected", { loginType: "live" }, accounts(["U1"], false)],
		["the login is for paper trading as expected", { accounts: ["DU9"], loginType: "paper" }, accounts(["DU9"], true)],
	])("the option `expect` lets a session open when %s", async (_, wanted, answer) => {
		const stage = expecting(wanted);
		stage.trigger("answer", answer);
		await stage.open();
	});

	it.each<[string, Expected, ReturnType<typeof accounts>]>([
		["an expected account is missing", { accounts: ["U1", "U2"] }, accounts(["U1"])],
		["the login is for paper trading", { loginType: "live" }, accounts(["U1"], true)],
		["the login is live", { loginType: "paper" }, accounts(["U1"], false)],
	])("open() fails with an error for a person when %s, and shows no account", async (_, wanted, answer) => {
		const stage = expecting(wanted);
		stage.trigger("answer", answer);
		const error = await stage.openError();
		expect(error.message).toContain("another login than expected");
		const todo = expect.stringContaining(
			"Log in at https://localhost:5000 in a browser with the account and login type",
		);
		expect(error.disposition).toEqual({ action: "human", todo });
		expect(stage.session.handle).toBeUndefined();
		expect(inspect([error, stage.session], { depth: 10, showHidden: true })).not.toMatch(/\bD?U[129]\b/);
	});

	it("if the reply with the accounts has no login type, open() compares the option `expect` with the login type in the next allowed validation", async () => {
		const stage = expecting({ loginType: "paper" });
		stage.trigger("answer", { ...accounts(["U1"]), times: 3 });
		const error = await stage.openError();
		expect(error.message).toContain("does not say whether");
		expect(waitMsOf(error)).toBeGreaterThan(50_000);
		await vi.advanceTimersByTimeAsync(waitMsOf(error));
		// In the simulator the user is logged in for paper trading, as expected.
		await stage.open();
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(1);
	});

	it("with OAuth 1.0a, open() fails if expect.loginType is set but the reply with the accounts has no login type; the error says what to use", async () => {
		const client = { authorize: () => ({ authorization: "OAuth x" }) };
		const stage = new Stage(
			{ mode: "oauth1", start: "live" },
			{ mode: "oauth1", client, expect: { loginType: "live" } },
		);
		stage.trigger("answer", accounts(["U1"]));
		expect((await stage.openError()).message).toContain("use expect.accounts with OAuth 1.0a");
	});

	it("open() fails with an error for a person if another user logs in before open() has ended", async () => {
		const stage = expecting({ accounts: ["U1"] });
		stage.trigger("answer", { ...accounts(["U1"]), times: 1 });
		stage.trigger("answer", { ...accounts(["DU9"]), times: 1 });
		const error = await stage.openError();
		expect(error.message).toContain("another login than expected");
	});

	it("the option `expect` ends a session at the first beat() after another user has logged in, so that no beat() succeeds with the wrong login", async () => {
		const stage = expecting({ accounts: ["DU9999999"] });
		const lease = await stage.open();
		// A person logs in again. The replies to tickles are then the same as before, except for the session key.
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(3_000);
		stage.trigger("answer", accounts(["U1"], false));
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(lease.ended?.aborted).toBe(true);
	});

	it("the option `expect` ends a session at the first beat() after another user has logged in, even if the first tickle of this beat() gets a wrong reply", async () => {
		const stage = expecting({ accounts: ["DU9999999"] });
		const lease = await stage.open();
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(3_000);
		stage.trigger("oddTickle", { as: "no-session" });
		stage.trigger("answer", accounts(["U1"], false));
		expect(await stage.beatError()).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(lease.ended?.aborted).toBe(true);
	});

	it("the option `expect` ends a session at the first beat() if another user has logged in while onOpen ran", async () => {
		const onOpen = async (): Promise<void> => {
			stage.trigger("login");
			await vi.advanceTimersByTimeAsync(3_000);
			stage.trigger("answer", accounts(["U1"], false));
		};
		const stage: Stage = expecting({ accounts: ["DU9999999"] }, { onOpen });
		await stage.open();
		expect(await stage.beatError()).toMatchObject({ session: "ended", disposition: { action: "human" } });
	});

	it("a session with the option `expect` stays alive after the same person has logged in again", async () => {
		const stage = expecting({ accounts: ["DU9999999"] });
		const lease = await stage.open();
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(3_000);
		const before = stage.venue.received.length;
		await settled(stage.session.beat(neverAborted));
		await settled(stage.session.beat(neverAborted));
		expect(stage.paths(before)).toEqual(["/tickle", "/iserver/accounts", "/tickle"]);
		expect(lease.ended?.aborted).toBe(false);
	});

	it("the option `expect` blocks the session, logs an error and prevents beats until the expected user is logged in again", async () => {
		const stage = expecting({ accounts: ["DU9999999"] });
		const logged: string[] = [];
		const log = (level: string) => (message: string) => void logged.push(`${level} ${message}`);
		const logger = { debug: () => undefined, info: log("info"), warn: log("warn"), error: log("error") };
		const keeper = keepalive([stage.session], { random: () => 0, logger });
		stage.trigger("answer", accounts(["U1"], false));
		await vi.advanceTimersByTimeAsync(5_000);
		expect(keeper.snapshot()["ibkr"]?.status).toMatchObject({ state: "blocked" });
		expect(logged).toContain("error ibkr: blocked");
		const sent = stage.venue.received.length;
		await vi.advanceTimersByTimeAsync(9_000);
		expect(stage.paths(sent).filter((path) => path !== "/tickle")).toEqual([]);
		// The expected user logs in. The new login has another session key.
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(16_000);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a session without the option `expect` logs only a warning if another user has logged in", async () => {
		const stage = new Stage();
		const warned: unknown[] = [];
		const ignore = () => undefined;
		const logger = { debug: ignore, info: ignore, warn: (message: string) => void warned.push(message), error: ignore };
		const keeper = keepalive([stage.session], { random: () => 0, logger });
		await vi.advanceTimersByTimeAsync(5_000);
		stage.trigger("answer", accounts(["U1"], false));
		stage.trigger("idle");
		await vi.advanceTimersByTimeAsync(90_000);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
		expect(warned).toContainEqual(expect.stringContaining("other accounts, or another login type, than before"));
		expect(warned.join()).not.toContain("U1");
		await keeper.stop({ orders: "keep" });
	});

	it.each([
		[{ accounts: [] }, "expect.accounts"],
		[{ accounts: ["U1", ""] }, "expect.accounts"],
		[{ loginType: "demo" }, "expect.loginType"],
		[{ account: ["U1"] }, "expect.account"],
	])("ibkr() refuses the option `expect` %j, and its error shows no account", (wrong, name) => {
		const make = () => expecting(wrong as Expected);
		expect(make).toThrow(name);
		expect(make).not.toThrow("U1");
	});
});
