export { installShutdown, type Shutdown, type ShutdownOptions, type ShutdownSignal } from "./shutdown.ts";
