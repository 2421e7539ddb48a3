/**
 * Percent-encodes a text as OAuth 1.0a requires, including the characters `! ' ( ) *`, which `encodeURIComponent`
 * leaves unchanged.
 */
export function percentEncode(text: string): string {
	return encodeURIComponent(text).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

/**
 * The text to sign. Joins the parameters, including those in the URL's query, and encodes the joined text once. Unlike in RFC
 * 5849, the values are not encoded before they are joined.
 */
export function baseString(method: string, url: string, parameters: Readonly<Record<string, string>>): string {
	const { origin, pathname, searchParams } = new URL(url);
	const pairs = [...Object.entries(parameters), ...searchParams].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	const text = pairs.map(([name, value]) => `${name}=${value}`).join("&");
	return `${method}&${percentEncode(origin + pathname)}&${percentEncode(text)}`;
}

/** The `Authorization` header. The realm is not signed. Of all values only the signature is percent-encoded. */
export function authorizationHeader(
	realm: string,
	parameters: Readonly<Record<string, string>>,
	signature: string,
): string {
	const all = { realm, ...parameters, oauth_signature: percentEncode(signature) };
	const pairs = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
	return `OAuth ${pairs.join(", ")}`;
}
