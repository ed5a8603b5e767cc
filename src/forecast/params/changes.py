"""The settings as one scenario changes them: section by section."""

from forecast.errors import ParamsError
from forecast.params.capacity import CapacityParams
from forecast.params.checked import validated
from forecast.params.costs import CostsParams
from forecast.params.scenario import KEYS, Scenario
from forecast.params.shrinkage import ShrinkageParams
from forecast.params.trunks import TrunksParams


def capacity_with(capacity: CapacityParams, name: str, scenario: Scenario) -> CapacityParams:
    """Return the section `capacity` as one scenario changes it.

    The shrinkage lever adds points: +5 turns 0.30 into 0.35.

    Raises
    ------
    ParamsError
        When a key is unknown or out of bounds, or set by a lever too.
    """
    changed = {**capacity.model_dump(), **scenario.capacity}
    for lever, key in KEYS.items():
        if getattr(scenario, lever) and key in scenario.capacity:
            raise ParamsError(f"scenarios.{name} sets capacity.{key} and {lever}; keep one")
    if scenario.shrinkage_points:
        changed["shrinkage"] = round(capacity.shrinkage + scenario.shrinkage_points / 100, 9)
    if scenario.contract_mix:
        changed["contract_mix"] = scenario.contract_mix
    changed["cost_per_paid_hour"] *= 1 + scenario.wage_pct / 100
    where = f"scenarios.{name}"
    return validated(CapacityParams, changed, where, f"{where}.capacity")


def ledger_with(
    ledger: ShrinkageParams | None, name: str, scenario: Scenario
) -> ShrinkageParams | None:
    """Return the section `shrinkage` as one scenario changes it; None where there is none.

    Raises
    ------
    ParamsError
        When it names an activity that is not there, makes a share impossible, or sets the flat
        share that a ledger replaces.
    """
    if ledger is None:
        if scenario.shrinkage:
            raise ParamsError(
                f"scenarios.{name}.shrinkage names activities, and the section shrinkage is null; "
                "write the ledger there, or use shrinkage_points"
            )
        return None
    if "shrinkage" in scenario.capacity:
        raise ParamsError(
            f"scenarios.{name} sets capacity.shrinkage, which the section shrinkage replaces; "
            "write shrinkage: {activity: share}, or shrinkage_points"
        )
    try:
        if scenario.shrinkage:
            ledger = ledger.with_shares(scenario.shrinkage)
        if scenario.shrinkage_points:
            ledger = ledger.with_points(scenario.shrinkage_points)
    except ParamsError as error:
        raise ParamsError(f"scenarios.{name}: {error}") from None
    return ledger


def trunks_with(trunks: TrunksParams | None, name: str, scenario: Scenario) -> TrunksParams | None:
    """Return the section `trunks` as one scenario changes it; None where there is none.

    Raises
    ------
    ParamsError
        When there is none to change, or a key is unknown or out of bounds.
    """
    if not scenario.trunks:
        return trunks
    where = f"scenarios.{name}"
    if trunks is None:
        raise ParamsError(f"{where}.trunks changes the section trunks, which is null; write it")
    told = {**trunks.model_dump(), **scenario.trunks}
    return validated(TrunksParams, told, where, f"{where}.trunks")


def costs_with(costs: CostsParams | None, name: str, scenario: Scenario) -> CostsParams | None:
    """Return the section `costs` as one scenario changes it; None where there is none.

    A change of wages is one of every contract's pay; other prices stay.

    Raises
    ------
    ParamsError
        When the scenario sets what the section replaces.
    """
    if costs is None:
        return None
    for key in ("cost_per_paid_hour", "currency"):
        if key in scenario.capacity:
            raise ParamsError(
                f"scenarios.{name} sets capacity.{key}, which the section costs replaces; "
                "write wage_pct, or contract_mix"
            )
    if not scenario.wage_pct:
        return costs
    factor = 1 + scenario.wage_pct / 100
    paid = {
        own: contract.model_copy(update={"pay_per_hour": round(contract.pay_per_hour * factor, 9)})
        for own, contract in costs.contracts.items()
    }
    return costs.model_copy(update={"contracts": paid})


def refuse_unpaid(costs: CostsParams | None, capacity: CapacityParams, where: str = "") -> None:
    """Refuse contracts without pay or without a part in the hours, and minutes without an end.

    Raises
    ------
    ParamsError
        With what to write.
    """
    mix = capacity.contract_mix
    if costs is None:
        if mix:
            raise ParamsError(
                f"{where}capacity.contract_mix names {', '.join(mix)}, and the section costs is "
                "null; write there what they are paid"
            )
        return
    unknown = [name for name in mix if name not in costs.contracts]
    if unknown or (not mix and len(costs.contracts) > 1):
        found = f"found {', '.join(mix)}" if mix else "it is empty"
        raise ParamsError(
            f"{where}capacity.contract_mix must say which part of the paid hours each of "
            f"costs.contracts ({', '.join(costs.contracts)}) works; {found}"
        )
    for key in ("per_telecom_min", "per_trunk_month"):
        if getattr(costs, key) and capacity.patience_s is None:
            raise ParamsError(
                f"{where}costs.{key} needs capacity.patience_s: without it callers may wait "
                "without end, and their minutes are not known"
            )
