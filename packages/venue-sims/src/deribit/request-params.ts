import { DeribitFailure, invalid } from "./error-reply.ts";

/** The parameters of one request. In a query string every value is a string; in JSON the types must match. */
export class Params {
	readonly #values: Readonly<Record<string, unknown>>;
	readonly #fromQuery: boolean;

	constructor(values: unknown, fromQuery: boolean) {
		if (values !== undefined && (typeof values !== "object" || values === null || Array.isArray(values))) {
			throw new DeribitFailure(-32602, { reason: "params must be an object" });
		}
		this.#values = { ...values };
		this.#fromQuery = fromQuery;
	}

	text(name: string): string {
		return this.optionalText(name) ?? missing(name);
	}

	optionalText(name: string): string | undefined {
		const value = this.#values[name];
		if (value === undefined) return undefined;
		if (typeof value !== "string") throw invalid(name, "invalid value");
		return value;
	}

	number(name: string): number {
		const value = this.#values[name] ?? missing(name);
		const number = this.#fromQuery && typeof value === "string" && value !== "" ? Number(value) : value;
		if (typeof number !== "number" || Number.isNaN(number)) throw invalid(name, "invalid value");
		return number;
	}

	optionalNumber(name: string): number | undefined {
		return this.has(name) ? this.number(name) : undefined;
	}

	/** Reads a parameter that is a number or a string of digits. */
	numberOrText(name: string): number {
		const value = this.#values[name];
		if (typeof value === "string" && /^\d+$/.test(value)) return Number(value);
		return this.number(name);
	}

	has(name: string): boolean {
		return this.#values[name] !== undefined;
	}

	flag(name: string, defaultValue: boolean): boolean {
		const value = this.#values[name];
		if (value === undefined) return defaultValue;
		if (typeof value === "boolean") return value;
		if (this.#fromQuery && (value === "true" || value === "false")) return value === "true";
		throw invalid(name, "invalid value");
	}

	choice<const T extends string>(name: string, values: readonly T[]): T | undefined {
		const value = this.optionalText(name);
		const chosen = values.find((candidate) => candidate === value);
		if (value !== undefined && chosen === undefined) throw invalid(name, "invalid value");
		return chosen;
	}

	texts(name: string): string[] {
		const value = this.#values[name] ?? missing(name);
		if (!Array.isArray(value)) throw invalid(name, "value must be a list");
		if (value.some((item) => typeof item !== "string")) throw invalid(name, "invalid value");
		return value;
	}

	/** Reads a parameter that is one string or a list of strings, as a list. */
	textOrTexts(name: string): string[] {
		return Array.isArray(this.#values[name]) ? this.texts(name) : [this.text(name)];
	}

	/** Reads a parameter that is one object or a list of objects, as a list. */
	objects(name: string): Params[] {
		const value = this.#values[name] ?? missing(name);
		const list: unknown[] = Array.isArray(value) ? value : [value];
		if (list.some((item) => typeof item !== "object" || item === null)) throw invalid(name, "invalid value");
		return list.map((item) => new Params(item, false));
	}
}

function missing(name: string): never {
	throw invalid(name, "value is required");
}
