/** A process for the benchmark that runs a simulated Deribit. It prints its URL. */
import { DeribitVenue, Link, serve } from "@x/venue-sims";

const credentials = { clientId: "planted-deribit-id", clientSecret: "planted-deribit-secret" };
const served = await serve(new Link(new DeribitVenue({ ...credentials, creditsPerSecond: 1e9, creditPool: 1e9 })));
process.stdout.write(`${served.ws}/ws/api/v2\n`);
