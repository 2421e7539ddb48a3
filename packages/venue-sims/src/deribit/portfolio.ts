import type { DeribitSettings } from "./options.ts";
import { userId } from "./order.ts";

const balance = 10;

/** The data of `user.portfolio`, with the recorded members in the recorded sequence. The simulator does not compute margins. */
export function portfolio(currency: string) {
	return {
		equity: balance,
		session_upl: 0,
		projected_delta_total: 0,
		additional_reserve: 0,
		estimated_liquidation_ratio: 0,
		margin_model: "segregated_sm",
		options_theta: 0,
		locked_balance: 0,
		options_pl: 0,
		portfolio_margining_enabled: false,
		total_pl: 0,
		spot_reserve: 0,
		session_rpl: 0,
		initial_margin: 0,
		projected_initial_margin: 0,
		margin_balance: balance,
		options_vega: 0,
		options_session_rpl: 0,
		options_vega_map: {},
		maintenance_margin: 0,
		futures_session_rpl: 0,
		delta_total_map: {},
		options_delta: 0,
		projected_maintenance_margin: 0,
		available_funds: balance,
		fee_balance: 0,
		options_session_upl: 0,
		options_gamma: 0,
		futures_pl: 0,
		options_theta_map: {},
		options_gamma_map: {},
		cross_collateral_enabled: false,
		options_value: 0,
		delta_total: 0,
		balance,
		estimated_liquidation_ratio_map: {},
		futures_session_upl: 0,
		currency,
		available_withdrawal_funds: balance,
	};
}

/**
 * The result of `private/get_account_summary`, with the recorded members in the recorded sequence with `extended:
 * true`.
 */
export function accountSummary(currency: string, isExtended: boolean, settings: DeribitSettings) {
	const now = portfolio(currency);
	const extended = (members: object): object => (isExtended ? members : {});
	const trading = { rate: settings.matchingCallsPerSecond, burst: settings.matchingBurst };
	return {
		...extended({ block_rfq_self_match_prevention: false }),
		equity: now.equity,
		session_upl: now.session_upl,
		projected_delta_total: now.projected_delta_total,
		...extended({ id: userId, disable_kyc_verification: true }),
		additional_reserve: now.additional_reserve,
		estimated_liquidation_ratio: now.estimated_liquidation_ratio,
		margin_model: now.margin_model,
		...extended({ type: "main", username: "simulated" }),
		options_theta: now.options_theta,
		locked_balance: now.locked_balance,
		options_pl: now.options_pl,
		...extended({ self_trading_reject_mode: "reject_taker" }),
		portfolio_margining_enabled: now.portfolio_margining_enabled,
		total_pl: now.total_pl,
		spot_reserve: now.spot_reserve,
		session_rpl: now.session_rpl,
		...extended({ referrer_id: null }),
		initial_margin: now.initial_margin,
		projected_initial_margin: now.projected_initial_margin,
		margin_balance: now.margin_balance,
		...extended({ email: "simulated@example.com" }),
		options_vega: now.options_vega,
		options_session_rpl: now.options_session_rpl,
		options_vega_map: now.options_vega_map,
		maintenance_margin: now.maintenance_margin,
		...extended({ change_margin_model_api_limit: { timeframe: 86_400_000, rate: 10 } }),
		futures_session_rpl: now.futures_session_rpl,
		delta_total_map: now.delta_total_map,
		limits: {
			matching_engine: {
				block_rfq_maker: { rate: 10, burst: 20 },
				cancel_all: { rate: 5, burst: 20 },
				guaranteed_mass_quotes: { rate: 2, burst: 2 },
				maximum_mass_quotes: { rate: 10, burst: 10 },
				maximum_quotes: { rate: 500, burst: 500 },
				spot: trading,
				trading: { total: trading },
			},
			limits_per_currency: false,
			non_matching_engine: {
				rate: settings.creditsPerSecond / settings.callCredits,
				burst: settings.creditPool / settings.callCredits,
			},
		},
		options_delta: now.options_delta,
		...extended({ receive_notifications: false }),
		projected_maintenance_margin: now.projected_maintenance_margin,
		available_funds: now.available_funds,
		fee_balance: now.fee_balance,
		options_session_upl: now.options_session_upl,
		...extended({ interuser_transfers_enabled: false }),
		options_gamma: now.options_gamma,
		...extended({ security_keys_enabled: true }),
		futures_pl: now.futures_pl,
		options_theta_map: now.options_theta_map,
		options_gamma_map: now.options_gamma_map,
		cross_collateral_enabled: now.cross_collateral_enabled,
		...extended({ creation_timestamp: 1_567_103_182_920 }),
		options_value: now.options_value,
		delta_total: now.delta_total,
		balance: now.balance,
		estimated_liquidation_ratio_map: now.estimated_liquidation_ratio_map,
		...extended({ mandatory_tfa: false, system_name: "simulated" }),
		futures_session_upl: now.futures_session_upl,
		...extended({ trading_products_details: tradingProducts, mmp_enabled: false }),
		currency,
		...extended({ self_trading_extended_to_subaccounts: false }),
		available_withdrawal_funds: now.available_withdrawal_funds,
	};
}

const tradingProducts = ["perpetual", "futures", "options", "future_combos", "option_combos", "spots"].map(
	(product) => ({
		enabled: true,
		product,
		overwriteable: false,
		requires_consent: false,
	}),
);
