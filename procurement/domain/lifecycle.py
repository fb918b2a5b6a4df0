"""The life of a project: its states and words. The table of moves follows in this module."""

from procurement.domain.states import (
    STATE_LABELS,
    AgreementBasis,
    ContractModel,
    ProcurementMethod,
    State,
)

__all__ = ["STATE_LABELS", "AgreementBasis", "ContractModel", "ProcurementMethod", "State"]
