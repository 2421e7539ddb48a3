// serve-deribit.mjs
import { DeribitVenue, Link, serve, serveControl } from "@x/venue-sims";

const { VENUE_PORT = "8081", CONTROL_PORT = "8082" } = process.env;
const link = new Link(new DeribitVenue({ clientId: "id", clientSecret: "secret" }));
const venue = await serve(link, { port: Number(VENUE_PORT) });
const control = await serveControl([link], Number(CONTROL_PORT));
for (const signal of ["SIGINT", "SIGTERM"]) {
	process.once(signal, () => Promise.all([venue.close(), control.close()]));
}
console.log(`DERIBIT_HTTP_URL=${venue.http}/api/v2`);
console.log(`DERIBIT_WS_URL=${venue.ws}/ws/api/v2`);
console.log(`CONTROL_URL=${control.url}`);
