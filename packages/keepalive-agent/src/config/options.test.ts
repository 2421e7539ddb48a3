import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readConfigSchema } from "../read-own-package-files.ts";
import { loadConfig } from "./load-config.ts";
import { optionOrigins } from "./options.ts";
import { fullConfig } from "./testing/full-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-options-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Schema {
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly definitions?: Readonly<Record<string, Schema>>;
	readonly $ref?: string;
}

// The cast states the part of a JSON Schema that this test reads.
const schema = readConfigSchema() as Schema;

function schemaOf(place: string): Schema | undefined {
	const [first = "", ...keys] = place.split(".");
	return keys.reduce<Schema | undefined>((so, key) => so?.properties?.[key], schema.definitions?.[first]);
}

/** The options that the agent adds to the options of a session. */
const added: Readonly<Record<string, readonly string[]>> = {
	deribit: ["leader", "orderLabel"],
	bybit: ["leader"],
	ibkr: ["leader", "gateway", "oauth1", "oauth2"],
};

describe("the schema of the configuration", () => {
	it.each(Object.entries(optionOrigins))("the schema of %s has just the options that a file can hold", (place, map) => {
		const expected = Object.entries(map).flatMap(([name, origin]) => {
			if (origin === "file" || origin === "nested") return [name];
			if (origin !== "secret") return [];
			// A certificate can only be given as a file.
			return name === "ca" ? ["caFile"] : [name, `${name}File`];
		});
		const venue = ["deribit", "bybit", "ibkr"].includes(place) ? ["venue"] : [];
		const found = Object.keys(schemaOf(place)?.properties ?? {});
		expect(found.sort()).toEqual([...expected, ...venue, ...(added[place] ?? [])].sort());
	});

	it("the configuration schema accepts every option with a value of the type that the session takes", () => {
		const file = join(folder, "full.yaml");
		writeFileSync(file, stringify(fullConfig));
		const environment = { SECRET: "postgres://planted", ADDRESS: "https://planted.example/" };
		const config = loadConfig(file, environment);
		expect(Object.keys(config.sessions)).toEqual(["hedge", "maker", "broker"]);
	});

	it("the configuration schema is tested with a sample configuration that sets every option", () => {
		const venues = Object.values(fullConfig.sessions);
		for (const [place, map] of Object.entries(optionOrigins)) {
			const [first = "", ...keys] = place.split(".");
			if (place.includes("oauth")) continue;
			// The cast is safe, because every value is an `unknown`. The next line reads the members of `start` one by one.
			const start = (first === "keeper" ? fullConfig.keeper : venues.find(({ venue }) => venue === first)) as unknown;
			const sample = keys.reduce<unknown>((so, key) => (so as Record<string, unknown>)?.[key], start);
			const names = Object.entries(map).flatMap(([name, origin]) => (origin === "file" ? [name] : []));
			const given = Object.keys(sample ?? {});
			expect(
				names.filter((name) => !given.includes(name)),
				place,
			).toEqual([]);
		}
	});
});
