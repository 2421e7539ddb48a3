import { BybitError } from "./errors.ts";

/** @throws BybitError of kind `options` for an address that is none, of another scheme or of demo trading. */
export function hostUrl(name: string, value: string, secure: string, plain: string): URL {
	if (typeof value !== "string" || !URL.canParse(value)) {
		throw optionError(name, `must be an absolute ${secure} address, not ${shown(value)}`);
	}
	const url = new URL(value);
	const local = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
	if (url.protocol !== secure && !(url.protocol === plain && local)) {
		throw optionError(name, `must begin with ${secure} (${plain} is for this machine only)`);
	}
	if (url.hash !== "" || (name === "baseUrl" && url.search !== "")) {
		throw optionError(name, "must end with its path: nothing after a ? or #");
	}
	if (url.username !== "" || url.password !== "") throw optionError(name, "must not carry a user name or password");
	if (/^(api|stream)-demo\b/.test(url.hostname)) {
		throw optionError(name, "is a demo-trading host: demo trading has neither the DCP calls nor the dcp.* topics");
	}
	return url;
}

/** @throws BybitError of kind `options`. */
export function integer(name: string, value: unknown, least: number, most: number): number {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw optionError(name, `must be an integer from ${least} to ${most}, not ${shown(value)}`);
}

/**
 * @param call - what stands before the message, such as `setDcp: `.
 * @throws BybitError of kind `options` for a name that is not known, or for what is no options at all.
 */
export function onlyNames(options: object, names: readonly string[], call = ""): void {
	if (typeof options !== "object" || options === null) {
		throw new BybitError("options", `${call}options must be an object, not ${shown(options)}.`);
	}
	const unknown = Object.keys(options).find((name) => !names.includes(name));
	if (unknown === undefined) return;
	throw new BybitError("options", `${call}option ${unknown.slice(0, 40)} is not known; known are ${names.join(", ")}.`);
}

/** @throws BybitError of kind `options`. */
export function optionalFunction<T>(name: string, value: T | undefined): T | undefined {
	if (value === undefined || typeof value === "function") return value;
	throw optionError(name, `must be a function, not ${shown(value)}`);
}

/** Numbers are shown, since the range is what is wrong with them; anything else may be a secret. */
export function shown(value: unknown): string {
	if (typeof value === "number") return String(value);
	return value === "" ? "an empty text" : `a value of type ${value === null ? "null" : typeof value}`;
}

export function optionError(name: string, problem: string): BybitError {
	return new BybitError("options", `option ${name} ${problem}.`);
}
