"""IBKR's words: the sections, attributes and codes known so far.

IBKR adds new ones several times a year. What is not listed here is kept and counted, never refused.
"""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS = frozenset(
    """
    AccountInformation Adjustments CFDCharges CashReport CashTransactions ChangeInDividendAccruals ChangeInNAV
    ChangeInPositionValues ClientFees ClientFeesDetail CommissionCredits ComplexPositions ConversionRates
    CorporateActions DebitCardActivities DepositsOnHold EquitySummaryInBase FIFOPerformanceSummaryInBase
    FdicInsuredDepositsByBank FxPositions FxTransactions HKIPOOpenSubscriptions HKIPOSubscriptionActivity
    HardToBorrowDetails HardToBorrowMarkupDetails IBGNoteTransactions IncentiveCouponAccrualDetails InterestAccruals
    MTDYTDPerformanceSummary MTMPerformanceSummaryInBase NetStockPositionSummary OpenDividendAccruals OpenPositions
    OptionEAE PendingExcercises PriorPeriodPositions RoutingCommissions SLBActivities SLBCollaterals SLBFees
    SLBOpenContracts SalesTaxes SecuritiesInfo SoftDollars StmtFunds StockGrantActivities TierInterestDetails
    TradeConfirms TradeTransfers Trades TransactionTaxes TransferLots Transfers UnbookedTrades
    UnbundledCommissionDetails UnsettledTransfers
    """.split()
)
"""Containers and leaf sections of a FlexStatement."""

ATTRIBUTES = frozenset(
    """
    AccountInformation Adjustments CFDCharges CashReport CashTransactions ChangeInDividendAccruals ChangeInNAV
    ChangeInPositionValues ClientFees ClientFeesDetail CommissionCredits ComplexPositions ConversionRates
    CorporateActions DebitCardActivities DepositsOnHold EquitySummaryInBase FIFOPerformanceSummaryInBase
    FdicInsuredDepositsByBank FlexStatements FxPositions FxTransactions HKIPOOpenSubscriptions
    HKIPOSubscriptionActivity HardToBorrowDetails HardToBorrowMarkupDetails IBGNoteTransactions
    IncentiveCouponAccrualDetails InterestAccruals MTDYTDPerformanceSummary MTMPerformanceSummaryInBase Message
    NetStockPositionSummary OpenDividendAccruals OpenPositions OptionEAE PendingExcercises PriorPeriodPositions
    RoutingCommissions SLBActivities SLBCollaterals SLBFees SLBOpenContracts SalesTaxes SecuritiesInfo SoftDollars
    StmtFunds StockGrantActivities TierInterestDetails TradeConfirms TradePrice TradeTransfers Trades TransactionTaxes
    Transfers UnbookedTrades UnbundledCommissionDetails UnsettledTransfers account accountAlias accountCapabilities
    accountId accountName accountRepName accountRepPhone accountTransfers accountType accrualReversal accruedInt
    acctAlias actionDescription actionID activityCode activityDescription advisorFee advisorFees allocatedTo amount
    assetCategory assetTransfers availableForTradingDate avgCreditBalance avgDebitBalance awardDate
    awayBrokerCommission balance balanceThreshold billPay billableCommissions billableSalesTax blockID bondInterest
    bondInterestAccrualsComponent bonds borrowFee borrowFeeRate brokerAccount brokerCashComponent brokerClearingCharge
    brokerClearingCommission brokerExecutionCharge brokerExecutionCommission brokerFees brokerFeesAccrualsComponent
    brokerFeesCom brokerFeesMTD brokerFeesSec brokerFeesYTD brokerInterest brokerInterestAccrualsComponent brokerName
    brokerageOrderID buySell capitalGainsPnl carbonCredits carryCharge cash cashSettlingMtm cashTransfer category
    cfdCharges cfdUnrealizedPl changeInBrokerFeeAccruals changeInDividendAccruals changeInIncentiveCouponAccruals
    changeInInterestAccruals changeInPrice changeInQuantity changeInUnrealized city cityResidentialAddress
    clearingCharge clearingFirmID clientFees clientReference closePrice closeQuantity code collateralAmount
    commisionsAndTax commission commissionCreditsRedemption commissionCurrency commissionReceivables commissions
    commissionsAtPaxos commodities commoditiesInterest commoditiesPrincipal commodityType company conid contra
    corpActionMtm corporateActionProceeds corporateActions cost costAdj costAdjustments costBasis costBasisMoney
    costBasisPrice costPrice count country countryResidentialAddress credit crypto currency cusip customerType date
    dateClosed dateFunded dateOpened dateTime debit debitCardActivity deliveredReceived deliveringBroker deliveryType
    depositWithdrawals deposits depositsWithdrawals description direction dividendAccruals dividendType dividends
    donations endOfPeriodValue endingAccrualBalance endingCash endingSettledCash endingValue
    eventContractInterestAccruals exDate excessFundSweep excessQuantity exchOrderId exchange execID expense
    expenseInBase expenseIndicator expiry extExecID fdicInsuredAccountInterestAccruals
    fdicInsuredAccountInterestAccrualsComponent fdicInsuredBankSweepAccount fdicInsuredBankSweepAccountCashComponent
    fee feeRate feeType feesReceivables fifoPnlRealized fifoPnlUnrealized figi fineness forexCfdUnrealizedPl
    forexCommissions fromAcct fromCurrency fromDate functionalCurrency funds futurePriceAdjustments fxCurrency fxPnl
    fxRateToBase fxTranslation fxTranslationGainLoss fxTranslationPnl grantActivity grossAmount grossLendFee grossRate
    holdingPeriodDateTime ibCommission ibCommissionCurrency ibEntity ibExecID ibOrderID ibuklInterest ibuklPrincipal
    incentiveCouponAccruals initialInvestment insuredBankDepositRedemptionCashComponent insuredDepositInteres
    insuredDepositInterest interest interestAccruals interestAccrued interestType internalCashTransfers
    internalTransfers ipoSubscription isAPIOrder isin issueDate issuer issuerCountryCode lastTradedDate levelOfDetail
    linkingAdjustments listingExchange liteSurchargeAccruals lotDescription lotOpenDateTime marginBalance
    marginFinancingChargeAccruals markCurrentPrice markPrice markPriorPrice markQuantity marketFeeRate masterName
    maturity merchantNameLocation model mtm mtmAtPaxos mtmMTD mtmPnl mtmPriorPeriodPositions mtmTransactions mtmYTD
    multiplier name net netAmount netCash netCashInBase netCashWithBillable netFxTrading netInBase netLendFee
    netLendFeeRate netShares netTradeMoney netTradeMoneyInBase netTradePrice netTradesPurchases netTradesSales notes
    openCloseIndicator openDateTime openPrice options orderID orderPlacementTime orderReference orderTime orderType
    origOrderID origTradeDate origTradeID origTradePrice origTransactionID originatingOrderID originatingTransactionID
    other otherCommission otherFees otherIncome otherTax otherWithAccruals paid paxosTransfers payDate payer
    paymentInLieu percentOfNAV period physDel pnlAmount pnlAmountInBase position positionActionID positionAmount
    positionAmountInBase positionInstructionID positionInstructionSetID positionValue positionValueInBase postalCode
    postalCodeResidentialAddress postingDate prevClosePrice prevCloseQuantity price primaryEmail principalAdjustFactor
    priorMtmPnl priorOpenMtm priorPeriodValue proceeds putCall quantity queryName rate realLTMTD realLTYTD realSTMTD
    realSTYTD realized realizedCapitalGainsPnlMTD realizedCapitalGainsPnlYTD realizedForexVm realizedFxPnlMTD
    realizedFxPnlYTD realizedLTLoss realizedLTProfit realizedPL realizedPnl realizedPnlMTD realizedPnlYTD
    realizedSTLoss realizedSTProfit realizedVm received referralFee regFINRATradingActivityFee regOther
    regSection31TransactionFee registeredRepName registeredRepPhone regulatoryFee relatedTradeID relatedTransactionID
    reportDate revenue revenueInBase rfqID rtn salesTax securitiesInterest securitiesPrincipal securityID
    securityIDType sedol serialNumber settleDate settleDateTarget settledCash settlementDate settlementPolicyMethod
    sharesAtIb sharesBorrowed sharesLent side slbCashCollateral slbDirectSecuritiesBorrowed slbDirectSecuritiesLent
    slbEndingCashCollateral slbNetCash slbNetSecuritiesLentActivity slbNetSettledCash slbStartingCashCollateral
    slbTransactionId softDollars source stage startDate startingAccrualBalance startingCash startingValue state
    stateResidentialAddress status stock street street2 street2ResidentialAddress streetResidentialAddress strike
    subCategory symbol targetSettlement tax taxAmount taxDescription taxRate taxReceivables taxType taxableAmount
    taxableDescription taxableTransactionID taxes thirdPartyClearingCharge thirdPartyClearingCommission
    thirdPartyExecutionCharge thirdPartyExecutionCommission thirdPartyRegulatoryCharge thirdPartyRegulatoryCommission
    ticketCharge tierBreak toAcct toCurrency toDate total totalCapitalGainsPnl totalCharges totalCommission
    totalFifoPnl totalFxPnl totalInterest totalNet totalNetInBase totalPrincipal totalRealizedCapitalGainsPnl
    totalRealizedFxPnl totalRealizedPnl totalRevenue totalUnrealizedCapitalGainsPnl totalUnrealizedFxPnl
    totalUnrealizedPnl totalWithAccruals tradeAmount tradeAmountInBase tradeCharge tradeCode tradeCommission tradeDate
    tradeGross tradeID tradeId tradeMoney tradePrice tradeQuantity tradeTax tradeTime traderID tradingPermissions
    transactionDateTime transactionID transactionId transactionMtm transactionTax transactionType transactions
    transferPrice transferredCapitalGainsPnl transferredFxPnl transferredPnl transferredPnlAdjustments twr type
    underlyingCategory underlyingConid underlyingListingExchange underlyingSecurityID underlyingSymbol uniqueID
    unrealizedCapitalGainsPnl unrealizedLTLoss unrealizedLTProfit unrealizedLoss unrealizedPL unrealizedProfit
    unrealizedSTLoss unrealizedSTProfit unrealizedlFxPnl value valueDate vestingDate volatilityOrderLink weight
    whenGenerated whenRealized whenReopened withdrawals withholding871m withholdingCollectedTax withholdingTax
    withholdingTaxCollected
    """.split()
)
"""Attributes of all rows, without the endings in `ATTRIBUTE_ENDINGS`."""

ATTRIBUTE_ENDINGS = ("Sec", "Com", "Paxos", "IBUKL", "MTD", "YTD", "Long", "Short")
"""Endings by which one figure is broken down: segment, period, or side."""

CODES = frozenset(
    """
    A ADR AEx AFx Adj Al Aw B Bo C CD CP Ca Co Cx D ETF Ep Ex FP G GEA HC HFI HFR I IA IM INV L LD LF LI LT Lo M MEx
    ML MLG MLL MSG MSL O P PI Po Pr R RED RI RP Rb Re Ri SI SL SO SS ST SY T
    """.split()
)
"""Note codes of trades; case matters."""

ACTION_TYPES = frozenset(
    """
    BC BM CA CC CD CH CI CO CP CS CT DI DW ED FA FI FS GV HD HI IC OR PC PI PV RI RS SD SO SR TC TI TM TO UE
    """.split()
)
"""Types of corporate actions."""


def unknown_attributes(attributes: Mapping[str, str]) -> list[str]:
    """Return the attributes that we have never heard of."""
    return [name for name in attributes if name not in ATTRIBUTES and not _is_breakdown(name)]


def _is_breakdown(name: str) -> bool:
    return any(name.endswith(ending) and name[: -len(ending)] in ATTRIBUTES for ending in ATTRIBUTE_ENDINGS)


def unknown_codes(codes: str) -> list[str]:
    """Return the note codes that we have never heard of."""
    return [code for code in codes.split(";") if code and code not in CODES]
