"""Alembic's entry: runs on the connection that foundation.migrate hands over."""

import importlib

from alembic import context

from foundation.db import Base

MODEL_MODULES = (
    "foundation.audit",
    "foundation.mail",
    "foundation.settings",
    "foundation.staging",
    "accounts.models",
    "catalog.models",
    "catalog.desk.models",
    "catalog.importing.models",
    "catalog.library.models",
    "catalog.selection.record_models",
    "catalog.selection.saved_models",
    "catalog.words.models",
    "procurement.contract_models",
    "procurement.models",
    "procurement.need_models",
    "procurement.schedule_models",
    "procurement.survey_models",
    "procurement.cost_models",
    "procurement.ledger_models",
    "procurement.lot_models",
    "procurement.tender_models",
)

for module in MODEL_MODULES:
    importlib.import_module(module)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
