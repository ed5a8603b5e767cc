"""Step sample: real calls, written as an ACD export."""

from forecast.console import PARAMS, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.sample import FILE, bank_calls
from forecast.store import write_csv, write_text

NOTE = (
    "This folder belongs to the stage `sample`: whatever else is put here is removed.\n"
    "Your own exports go beside it, and sample.enabled in params.yaml to false.\n"
)


def sample(out: OutFolder, params: ParamsFile = PARAMS) -> None:
    """Write the sample export, 27,716 five-minute counts of a bank, unless it is switched off."""
    write_text(NOTE, out / "README.md")
    if not Params.load(params).sample.enabled:
        (out / FILE).unlink(missing_ok=True)
        say("sample: switched off")
        return
    calls = bank_calls()
    write_csv(calls, out / FILE)
    say(f"sample: {len(calls):,} intervals, {calls['offered'].sum():,} contacts -> {out / FILE}")
