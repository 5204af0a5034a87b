from django.urls import path

from bangfu.ledger.views import funds, payments

urlpatterns = [
    path("funds/", funds.funds, name="funds"),
    path("funds/<int:pk>/", funds.fund, name="fund"),
    path("funds/<int:pk>/income/", funds.fund_income, name="fund-income"),
    path("funds/<int:pk>/restrictions/", funds.fund_restrictions, name="fund-restrictions"),
    path("vouchers/<int:pk>/", funds.voucher, name="voucher"),
    path("vouchers/<int:pk>/reversal/", funds.voucher_reversal, name="voucher-reversal"),
    path("vouchers/<int:pk>/signature/", payments.voucher_signature, name="voucher-signature"),
    path("vouchers/<int:pk>/list/<slug:form>/", payments.voucher_list, name="voucher-list"),
    path("disbursements/", payments.disbursements, name="disbursements"),
    path("disbursements/payout/", payments.payout, name="payout"),
    path("disbursements/<int:pk>/", payments.disbursement, name="disbursement"),
    path("disbursements/<int:pk>/account/", payments.disbursement_account, name="disbursement-account"),
    path("disbursements/<int:pk>/release/", payments.disbursement_release, name="disbursement-release"),
    path("disbursements/<int:pk>/hold/", payments.disbursement_hold, name="disbursement-hold"),
    path("disbursements/<int:pk>/receipt/", payments.disbursement_receipt, name="disbursement-receipt"),
    path("holds/<int:pk>/lifting/", payments.hold_lifting, name="hold-lifting"),
    path("batches/", payments.batches, name="batches"),
    path("batches/<int:pk>/", payments.batch, name="batch"),
    path("batches/<int:pk>/file/<slug:form>/", payments.batch_file, name="batch-file"),
    path("batches/<int:pk>/confirmation/", payments.batch_confirmation, name="batch-confirmation"),
    path("batch-lines/<int:pk>/failure/", payments.batch_line_failure, name="batch-line-failure"),
]
