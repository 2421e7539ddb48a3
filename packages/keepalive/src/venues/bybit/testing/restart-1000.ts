/**
 * `node src/venues/bybit/testing/restart-1000.ts [clients]`, in packages/keepalive: the server restarted under a thousand
 * clients of one process, in real time and with the venue's own limits. With its 500 handshakes in five minutes that takes
 * some eleven minutes, which is why the suite does it with a hundred.
 */
import { restart } from "./restart.ts";

const clients = Number(process.argv[2] ?? 1_000);
console.log(JSON.stringify(await restart(clients, 1_200_000)));
