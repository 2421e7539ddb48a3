import { inspect } from "node:util";
import { neverAborted } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { Stage, settled, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** The states of the four, from the lowest layer to the highest. */
const states = ({ session }: Stage) => {
	const { gateway, login, brokerage, socket } = session.layers;
	return [gateway, login, brokerage, socket].map(({ state }) => state);
};

describe("the four layers", () => {
	it("are unknown before anything was asked, and three are needed at a gateway", () => {
		const stage = new Stage();
		expect(states(stage)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
		expect(stage.session.layers).toMatchObject({
			alive: false,
			gateway: { needed: true },
			login: { needed: true },
			brokerage: { needed: true },
			socket: { needed: false },
		});
	});

	it("are up once each was proved, with the time of the latest proof", async () => {
		const stage = new Stage();
		await stage.open();
		expect(states(stage)).toEqual(["up", "up", "up", "unknown"]);
		expect(stage.session.layers.alive).toBe(true);
		await vi.advanceTimersByTimeAsync(30_000);
		await settled(stage.session.beat(neverAborted), 0);
		expect(stage.session.layers.brokerage.lastProofAt).toBe(Date.now());
	});

	it("do not call the brokerage session up before the accounts were answered", async () => {
		const stage = new Stage({ start: "login", loadMs: 60_000 });
		const opening = stage.session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(59_000);
		expect(states(stage)).toEqual(["up", "up", "opening", "unknown"]);
		await settled(opening);
		expect(stage.session.layers.alive).toBe(true);
	});

	it.each([
		[
			"the brokerage session idles out",
			"idle",
			["up", "up", "down", "unknown"],
			"it has ended, the login is still good",
		],
		["another session takes over", "compete", ["up", "up", "down", "unknown"], "another session of this user holds it"],
	])("say which was lost and why when %s", async (_, fault, expected, reason) => {
		const stage = new Stage();
		await stage.open();
		stage.trigger(fault);
		await stage.beatError(0);
		expect(states(stage)).toEqual(expected);
		const { brokerage, login, alive } = stage.session.layers;
		expect(brokerage.lastLoss).toEqual({ at: Date.now(), reason, expected: false });
		expect(login.lastLoss).toBeUndefined();
		expect(alive).toBe(false);
	});

	it("lose the brokerage session with the login, and name the login's loss in both", async () => {
		const stage = new Stage({ redirectToLogin: true });
		await stage.open();
		stage.trigger("expireSso");
		await stage.beatError(0);
		expect(states(stage)).toEqual(["up", "down", "down", "unknown"]);
		const { login, brokerage } = stage.session.layers;
		expect(login.lastLoss?.reason).toBe("login-redirect, 302");
		expect(brokerage.lastLoss?.reason).toBe("the login is lost: login-redirect, 302");
	});

	it("say that the process is gone, not that the login is", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("restart");
		await stage.beatError(0);
		expect(states(stage)).toEqual(["down", "unknown", "unknown", "unknown"]);
		const { gateway, login } = stage.session.layers;
		expect(gateway.lastLoss?.reason).toContain("the connection failed");
		expect(login).toMatchObject({ reason: "it depends on the gateway, which is not up" });
		expect(login.lastLoss).toBeUndefined();
	});

	it("doubt the process when it gives no answer, and trust it again with the first one, whatever it says", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("partition");
		await stage.beatError(12_000);
		expect(stage.session.layers.gateway).toMatchObject({ state: "unknown", reason: "it did not answer in time" });
		stage.trigger("heal");
		stage.trigger("answer", { status: 503 });
		await stage.beatError(0);
		expect(stage.session.layers.gateway.state).toBe("up");
	});

	it("are not up by a proof of five minutes ago: up at 299 999 ms, unknown at 300 000", async () => {
		const stage = await new Stage().afterFirstMinute();
		await stage.open(0);
		await vi.advanceTimersByTimeAsync(299_999);
		expect(stage.session.layers.alive).toBe(true);
		await vi.advanceTimersByTimeAsync(1);
		expect(states(stage).slice(0, 3)).toEqual(["unknown", "unknown", "unknown"]);
		expect(stage.session.layers.gateway.reason).toBe("its last proof is 300000 ms old");
	});

	it("keep the loss when they are up again, and a person's login is a proof from below", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError(0);
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(60_000);
		await stage.open();
		expect(states(stage)).toEqual(["up", "up", "up", "unknown"]);
		expect(stage.session.layers.login.lastLoss).toMatchObject({ reason: "access-denied, 401" });
	});

	it("mark a loss inside the nightly reset as expected", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T05:20:00Z"));
		const stage = new Stage();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError(0);
		expect(stage.session.layers.login.lastLoss).toMatchObject({ expected: true });
	});

	it("read it by the region that the validation told", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T23:18:58Z"));
		const stage = await new Stage({ region: "EU" }).afterFirstMinute();
		await stage.open();
		stage.trigger("reset");
		const error = await stage.beatError(0);
		expect(error.message).toContain("expected: the nightly reset in Europe/Zurich");
	});

	it("need no gateway with OAuth", async () => {
		const authorize = () => ({ authorization: "OAuth x" });
		const stage = new Stage({ mode: "oauth1", start: "live" }, { mode: "oauth1", client: { authorize } });
		await stage.open();
		expect(stage.session.layers).toMatchObject({ alive: true, gateway: { needed: false } });
	});
});

it("the report is plain data that survives a clone and JSON, and names no user, account or key", async () => {
	const stage = new Stage();
	await stage.open();
	stage.trigger("answer", { path: "/tickle", status: 401, body: "planted-user DU9999999" });
	await stage.beatError();
	const told = { layers: stage.session.layers, attempts: stage.session.attempts, repairs: stage.session.repairs };
	expect(structuredClone(told)).toEqual(told);
	expect(JSON.parse(JSON.stringify(told))).toEqual(told);
	const printed = inspect(told, { depth: 10, showHidden: true });
	for (const secret of ["planted", "DU9999999"]) expect(printed).not.toContain(secret);
});

it("whatever happens, the layers are alive when the keeper says so", async () => {
	const stage = new Stage({ loadMs: 500 });
	const keeper = keepalive([stage.session], { random: () => 0 });
	let seen = 0;
	keeper.onStatus(({ status }) => {
		if (status.state !== "alive") return;
		seen += 1;
		expect(stage.session.layers.alive).toBe(true);
	});
	for (const fault of ["idle", "compete", "restart", "reset", "idle"]) {
		await vi.advanceTimersByTimeAsync(700_000);
		stage.trigger(fault, { forMs: 30_000 });
		await vi.advanceTimersByTimeAsync(90_000);
		stage.trigger("leave");
		stage.trigger("login");
	}
	await vi.advanceTimersByTimeAsync(700_000);
	expect(seen).toBeGreaterThan(5);
	expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
	await keeper.stop({ orders: "keep" });
});
