/** A worker module with one Deribit session. The simulated venue runs in the same worker, in memory. */
import { deribit } from "@x/keepalive/deribit";
import { serveKeeper } from "@x/keepalive/worker";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";

const { clientId, clientSecret } = DeribitVenue.defaults;
const WebSocket = memoryWebSocket(new Link(new DeribitVenue()));

export default serveKeeper([deribit({ client: { credentials: { clientId, clientSecret }, WebSocket } })]);
