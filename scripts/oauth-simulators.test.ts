import { createIbkrHttp } from "@x/ibkr-session";
import { createIbkrBearer } from "@x/ibkr-session/oauth";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sims, startSims } from "./start-simulators.ts";

let sims: Sims;

beforeAll(async () => {
	sims = await startSims();
});

afterAll(() => sims.close());

const orders = async (venue: string): Promise<number> =>
	(await fetch(`${sims.addresses.control}/${venue}/orders`)).status;

it("the printed keys of OAuth 1.0a log in at the simulator for OAuth 1.0a, which the control server knows as ibkr-oauth1", async () => {
	const { ibkrOauth1, credentials } = sims.addresses;
	const { consumerKey, signatureKey, encryptionKey, dhPrime, ...token } = credentials.ibkrOauth1;
	const origin = new URL(ibkrOauth1.http).origin;
	const consumer = createIbkrConsumer({ consumerKey, signatureKey, encryptionKey, dhParameters: dhPrime, origin });
	const { authorize, fetch } = consumer.user(token);
	const client = createIbkrHttp({ baseUrl: ibkrOauth1.http, authorize, fetch });
	// The login has succeeded, and the brokerage session is not open yet.
	expect(await client.tickle()).toMatchObject({ kind: "not-ready" });
	expect(await orders("ibkr-oauth1")).toBe(200);
});

it("the printed key of OAuth 2.0 logs in at the simulator for OAuth 2.0, which the control server knows as ibkr-oauth2", async () => {
	const { ibkrOauth2, credentials } = sims.addresses;
	const { origin } = ibkrOauth2;
	const bearer = createIbkrBearer({ ...credentials.ibkrOauth2, ip: "127.0.0.1", origin });
	const { authorize, fetch } = bearer;
	const client = createIbkrHttp({ baseUrl: ibkrOauth2.http, authorize, fetch });
	expect(await client.validate()).toMatchObject({ kind: "valid" });
	expect(await orders("ibkr-oauth2")).toBe(200);
});
