import { expect, it } from "vitest";
import { BybitVenue } from "./bybit.ts";
import { DeribitVenue } from "./deribit.ts";
import { IbkrVenue } from "./ibkr.ts";
import { Link } from "./network-link.ts";

it("triggering a fault whose name the venue does not have is a compile error", () => {
	const deribit = new Link(new DeribitVenue());
	// @ts-expect-error a misspelt name
	expect(deribit.faults["maintenence"]?.({ on: true })).toBeUndefined();
	// @ts-expect-error the name of a fault of another venue
	expect(deribit.faults.compete?.({})).toBeUndefined();
	// @ts-expect-error the name of a fault of another venue
	expect(new BybitVenue().faults.maintenance).toBeUndefined();
	// @ts-expect-error the name of a network fault, which only a link has
	expect(new IbkrVenue().faults.drop).toBeUndefined();
	expect(deribit.faults.drop({})).toBe(0);
	deribit.close();
});

it("a Link to any of the venues can be assigned to a variable of type Link", () => {
	const links: Link[] = [new Link(new DeribitVenue()), new Link(new IbkrVenue()), new Link(new BybitVenue())];
	expect(links.map(({ faults }) => typeof faults["truth"])).toEqual(["function", "function", "function"]);
	for (const link of links) link.close();
});
