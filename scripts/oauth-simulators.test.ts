import { createIbkrHttp } from "@x/ibkr-session";
import { createIbkrBearer } from "@x/ibkr-session/oauth";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import { type ServedVenues, serveVenues } from "@x/venue-sims";
import { afterAll, beforeAll, expect, it } from "vitest";

let sims: ServedVenues;

beforeAll(async () => {
	sims = await serveVenues();
});

afterAll(() => sims.close());

const orders = async (venue: string): Promise<number> =>
	(await fetch(`${sims.addresses.control}/${venue}/orders`)).status;

it("the OAuth 1.0a keys that npm run sims prints log in at the simulator that is named ibkr-oauth1", async () => {
	const { ibkrOauth1, credentials } = sims.addresses;
	const { consumerKey, signatureKey, encryptionKey, dhPrime, ...token } = credentials.ibkrOauth1;
	const origin = new URL(ibkrOauth1.http).origin;
	const consumer = createIbkrConsumer({ consumerKey, signatureKey, encryptionKey, dhParameters: dhPrime, origin });
	const { authorize, fetch } = consumer.user(token);
	const client = createIbkrHttp({ baseUrl: ibkrOauth1.http, authorize, fetch });
	// This result means that the login has succeeded and that the brokerage session is not open yet.
	expect(await client.tickle()).toMatchObject({ kind: "not-ready" });
	expect(await orders("ibkr-oauth1")).toBe(200);
});

it("the OAuth 2.0 key that npm run sims prints logs in at the simulator that is named ibkr-oauth2", async () => {
	const { ibkrOauth2, credentials } = sims.addresses;
	const { origin } = ibkrOauth2;
	const bearer = createIbkrBearer({ ...credentials.ibkrOauth2, ip: "127.0.0.1", origin });
	const { authorize, fetch } = bearer;
	const client = createIbkrHttp({ baseUrl: ibkrOauth2.http, authorize, fetch });
	expect(await client.validate()).toMatchObject({ kind: "valid" });
	expect(await orders("ibkr-oauth2")).toBe(200);
});
