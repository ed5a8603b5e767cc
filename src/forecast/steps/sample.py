"""Step sample: real calls, written as an ACD export."""

from forecast.console import PARAMS, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.sample import FILE, bank_calls
from forecast.store import write_csv, write_text

OFF = "The sample is switched off (sample.enabled in params.yaml); exports go beside this folder.\n"


def sample(out: OutFolder, params: ParamsFile = PARAMS) -> None:
    """Write the sample export, 27,716 five-minute counts of a bank, unless it is switched off."""
    if not Params.load(params).sample.enabled:
        (out / FILE).unlink(missing_ok=True)
        write_text(OFF, out / "README.md")
        say("sample: switched off")
        return
    calls = bank_calls()
    write_csv(calls, out / FILE)
    say(f"sample: {len(calls):,} intervals, {calls['offered'].sum():,} contacts -> {out / FILE}")
