import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { type IbkrSessionOptions, inspectIbkr } from "./index.ts";

const signal = new AbortController().signal;
const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.close();
});

function start(venueOptions: IbkrVenueOptions = {}) {
	const venue = new IbkrVenue({ accounts: ["DU9999999"], ...venueOptions });
	const link = new Link(venue);
	links.push(link);
	const client = { fetch: memoryFetch(link), penaltyBox: createIbkrPenaltyBox() };
	const inspect = (options: IbkrSessionOptions = {}) => inspectIbkr({ client, ...options }, { signal });
	return { venue, link, inspect, paths: () => venue.received.map(({ path }) => path.replace("/v1/api", "")) };
}

describe("inspectIbkr", () => {
	it("inspectIbkr() reads the status and the accounts of a live session, and sends no init, tickle or validation", async () => {
		const { venue, inspect, paths } = start();
		const before = venue.truth();
		const found = await inspect();
		expect(paths()).toEqual(["/iserver/auth/status", "/iserver/accounts"]);
		expect(venue.truth()).toEqual(before);
		expect(found).toMatchObject({ problems: [], warnings: [], roundTripMs: expect.any(Number) });
		expect(found.findings.map(({ what }) => what)).toEqual(["protection", "login", "brokerage session", "accounts"]);
		expect(JSON.stringify(found)).not.toContain("DU9999999");
	});

	it("inspectIbkr() says where a person has to log in if nobody is logged in", async () => {
		const { inspect, paths } = start({ start: "none" });
		expect((await inspect()).problems).toEqual([
			{
				action: "human",
				todo: expect.stringContaining("Log in at https://localhost:5000"),
				message: expect.any(String),
			},
		]);
		expect(paths()).toEqual(["/iserver/auth/status", "/iserver/accounts"]);
	});

	it("inspectIbkr() reports no problem if the user is logged in without a brokerage session, and opens none", async () => {
		const { venue, inspect } = start({ start: "login" });
		expect((await inspect()).problems).toEqual([]);
		expect(venue.truth()).toMatchObject({ brokerage: "none", inits: 0 });
	});

	it("inspectIbkr() reports a login other than the expected one, without showing account numbers", async () => {
		const { problems } = await start().inspect({ expect: { accounts: ["DU9999999", "DU1"] } });
		expect(problems).toEqual([expect.objectContaining({ action: "human" })]);
		expect(problems[0]?.message).toContain("1 of 2 accounts of option expect are missing");
	});

	it("inspectIbkr() reports a session of another program as a problem, unless the option `compete` allows a takeover", async () => {
		const { link, inspect } = start();
		link.faults.compete({});
		expect((await inspect()).problems).toEqual([expect.objectContaining({ action: "wait" })]);
		expect((await inspect({ compete: true })).problems).toEqual([]);
	});
});
