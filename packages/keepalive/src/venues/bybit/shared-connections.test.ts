import { expect, it, vi } from "vitest";
import { keepalive } from "../../index.ts";
import { type BybitSessionOptions, bybit } from "./index.ts";
import { advanceWithPings, clientOf, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

/** Opens two sessions of one process for the same account. */
async function two(products: BybitSessionOptions["products"], otherProducts: BybitSessionOptions["products"]) {
	const started = start();
	const client = clientOf(started.link);
	const one = bybit({ client, name: "one", products });
	const other = bybit({ client, name: "other", products: otherProducts });
	await one.open(started.signal);
	await other.open(started.signal);
	return { ...started, one, other };
}

it("close() keeps the orders open while another session of this process protects the same products", async () => {
	const { one, other, venue, inject } = await two(["DERIVATIVES"], ["DERIVATIVES", "SPOT"]);
	inject("place", { product: "DERIVATIVES" });
	expect(await one.close("keep")).toEqual({
		orders: "kept",
		detail: expect.stringMatching(
			/another connection of this process is subscribed for DERIVATIVES: those orders stay open until it ends\.$/,
		),
	});
	await advanceWithPings(other, 60_000);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	// When the last session closes, the venue cancels after the cancel window.
	expect(await other.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 11_000 });
	await vi.advanceTimersByTimeAsync(10_000);
	expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
});

it("protection.scope says that the venue cancels only after the other sessions of this process have ended too, and the second session logs a warning", async () => {
	const warned: (readonly [string, string])[] = [];
	const { link } = start();
	const client = clientOf(link);
	const make = (name: string, products: BybitSessionOptions["products"]) =>
		bybit({ client, name, products, pingMs: 10_000 });
	const logger = {
		...{ debug: () => undefined, info: () => undefined, error: () => undefined },
		warn: (message: string, fields?: object) => {
			if (/same API key/.test(message)) warned.push([String(Object(fields).session), message]);
		},
	};
	const keeper = keepalive([make("one", ["DERIVATIVES"]), make("other", ["DERIVATIVES", "SPOT"])], { logger });
	await vi.advanceTimersByTimeAsync(25_000);
	const scopes = Object.values(keeper.snapshot()).map(({ status }) =>
		status.state === "alive" && status.protection.state === "armed" ? status.protection.scope : "",
	);
	const shared = ", once every session of this process with this API key has ended";
	expect(scopes).toEqual([`DERIVATIVES${shared}`, `DERIVATIVES, SPOT${shared}`]);
	expect(warned).toEqual([
		["other", expect.stringMatching(/same API key for DERIVATIVES: while both run, closing one of them cancels/)],
	]);
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
});

it("close() promises no cancel while another session keeps the orders open", async () => {
	const { one } = await two(["DERIVATIVES"], ["DERIVATIVES"]);
	expect((await one.close("cancel")).orders).toBe("refused");
});

it("close() names the products that no other session protects", async () => {
	for (const wish of ["keep", "cancel"] as const) {
		const { one } = await two(["DERIVATIVES", "OPTIONS"], ["DERIVATIVES", "SPOT"]);
		expect(await one.close(wish)).toEqual({
			orders: "refused",
			detail: expect.stringMatching(
				/for DERIVATIVES: .*; OPTIONS orders are cancelled one cancel window after this close at the earliest, unless/,
			),
		});
	}
});

it("close() ignores connections that have ended, and connections that a newer connection of the same session has replaced", async () => {
	const { one, other, signal } = await two(["DERIVATIVES"], ["DERIVATIVES"]);
	await other.close("cancel");
	await one.open(signal);
	await vi.advanceTimersByTimeAsync(1);
	expect(await one.close("cancel")).toMatchObject({ orders: "cancelled" });
});
