import { currencies, instrumentOf, instruments, instrumentToWire, tickerToWire } from "./instruments.ts";
import type { Method } from "./method-definition.ts";
import { ofCurrency, ofKind } from "./order-filters.ts";
import { accountSummary } from "./portfolio.ts";

/** The methods that trading programs call when they start. */
export const referenceData: Readonly<Record<string, Method>> = {
	"public/get_currencies": { handle: () => currencies },
	"public/get_instruments": {
		pool: "instruments",
		handle: ({ params }) => {
			const listed = instruments.map((instrument) => ({ ...instrument, instrument: instrument.name }));
			return ofKind(params, ofCurrency(params.optionalText("currency") ?? "any", listed)).map(instrumentToWire);
		},
	},
	"public/get_instrument": {
		handle: ({ params }) => instrumentToWire(instrumentOf(params.text("instrument_name"))),
	},
	"public/ticker": { handle: ({ params }) => tickerToWire(instrumentOf(params.text("instrument_name"))) },
	// The transaction log is empty, because deposits and settlements are not simulated.
	"private/get_transaction_log": {
		needs: "account:read",
		pool: "transactionLog",
		handle: () => ({ logs: [], continuation: null }),
	},
	// The list of moved positions is empty, because the simulator has no positions of other subaccounts.
	"private/move_positions": { needs: "trade:read_write", pool: "movePositions", handle: () => [] },
	"private/get_account_summary": {
		needs: "account:read",
		handle: ({ params }, { settings }) =>
			accountSummary(params.text("currency").toUpperCase(), params.flag("extended", false), settings),
	},
};
