#!/usr/bin/env python3
"""A detector is one file, one line and one golden file: this adds one to a copy of the sources.

usage: one_detector.py TIDEMARK SOURCE_DIR
tests/golden/one_detector/zero_one_loss.c becomes detectors/performance/zero_one_loss.c, its name a line
of detectors.def, and nothing else is touched. Then the copy is built, knows the metric, and gives the
numbers of zero_one_loss.csv: scikit-learn 1.9.1's zero_one_loss of each week of examples/carloan.
"""
import csv, json, os, shutil, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
added = os.path.join(source, "tests", "golden", "one_detector")
rooms = ("CMakeLists.txt", "cmake", "base", "schemas", "consumer", "windowing", "detectors", "alerts", "report",
         "app", "bench", "examples")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


with tempfile.TemporaryDirectory() as copy:
    for room in rooms:
        here, there = os.path.join(source, room), os.path.join(copy, room)
        shutil.copytree(here, there) if os.path.isdir(here) else shutil.copy(here, there)
    detectors = os.path.join(copy, "detectors")
    assert "zero_one_loss" not in open(os.path.join(detectors, "detectors.def")).read()
    shutil.copy(os.path.join(added, "zero_one_loss.c"), os.path.join(detectors, "performance"))
    with open(os.path.join(detectors, "detectors.def"), "a") as registry:
        registry.write("TIDE_DETECTOR(performance, zero_one_loss)\n")

    build = os.path.join(copy, "build")
    run("cmake", "-S", copy, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1",
        "-DCMAKE_CXX_FLAGS_DEBUG=-O1", "-DBUILD_TESTING=OFF")
    run("cmake", "--build", build, "-j2", "--target", "tidemark")
    theirs = os.path.join(build, "app", "tidemark")

    said = run(theirs, "describe", "zero_one_loss")
    assert "Share of wrong predictions" in said and "formula    `wrong / n`" in said, said
    results = os.path.join(copy, "results.jsonl")
    run(theirs, "replay", os.path.join(copy, "examples", "carloan", "carloan.yaml"), "--results", results)
    ours = {}
    for record in map(json.loads, open(results)):
        if record["side"] == "label" and record["model_version"] is None and not record["segment"]:
            for finding in record["findings"]:
                if finding["metric"] == "zero_one_loss":
                    ours[record["window_start"]] = finding["value"]
    rows = list(csv.DictReader(open(os.path.join(added, "zero_one_loss.csv"))))
    assert len(rows) > 5 and len(rows) == len(ours), (len(rows), ours)
    for row in rows:
        value = float(row["zero_one_loss"])
        assert abs(ours[int(row["start"])] - value) <= 1e-12, (row, ours[int(row["start"])])
print(f"{len(rows)} numbers equal; 1 passed, 0 failed")
