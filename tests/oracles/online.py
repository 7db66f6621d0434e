"""Writes tests/golden/detectors/river.csv.xz: what River and frouros say of the streams there.

Run from the root of the sources, with river 0.26.1 and frouros 0.9.0 installed (some minutes):
    python3 tests/oracles/online.py
Each detector has its defaults. FHDDM is given 1 - error, since it watches for a fall; KSWIN the seed
42; CUSUM, which leaves that to its caller, is reset after a drift.
"""
import csv, lzma, os, sys

from frouros.detectors.concept_drift import CUSUM
from river import drift

sys.path.insert(0, os.path.join("tests", "golden"))
from online_streams import is_errors, streams

of_errors = {"ddm": drift.binary.DDM, "eddm": drift.binary.EDDM, "fhddm": drift.binary.FHDDM,
             "hddm_a": drift.binary.HDDMA, "hddm_w": drift.binary.HDDMW}
of_numbers = {"adwin": drift.ADWIN, "kswin": lambda: drift.KSWIN(seed=42),
              "page_hinkley": drift.PageHinkley}


def watched(detector, values):
    drifts, warnings, warned = [], [], False
    for i, value in enumerate(values):
        detector.update(value)
        warns = getattr(detector, "warning_detected", False)
        if detector.drift_detected:
            drifts.append(i)
        elif warns and not warned:
            warnings.append(i)
        warned = warns and not detector.drift_detected
    return drifts, warnings


def cusum(values):
    detector, drifts = CUSUM(), []
    for i, value in enumerate(values):
        detector.update(value=value)
        if detector.drift:
            drifts.append(i)
            detector.reset()
    return drifts, []


with lzma.open(os.path.join("tests", "golden", "detectors", "river.csv.xz"), "wt", newline="") as out:
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["stream", "detector", "drifts", "warnings"])
    for stream, values in streams("."):
        detectors = of_numbers | (of_errors if is_errors(values) else {})
        if not stream.startswith(("gauss", "agrawal", "bikes")):
            del detectors["kswin"]  # a millisecond a value
        for name, make in sorted(detectors.items()):
            given = [1 - value for value in values] if name == "fhddm" else values
            rows = watched(make(), given)
            table.writerow([stream, name, *(" ".join(map(str, row)) for row in rows)])
        table.writerow([stream, "cusum", *(" ".join(map(str, row)) for row in cusum(values))])
        print(stream, file=sys.stderr)
