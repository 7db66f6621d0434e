#!/usr/bin/env python3
"""A reference as a file: `reference build`, and what it gives against the records themselves.

usage: columns_profile.py TIDEMARK SOURCE_DIR
 1. With --keep-values a replay gives the same bytes as with the records, config_hash apart, which
    covers the bytes of the reference's file.
 2. Without, exact dialects say UNDEFINED, and the exact KS and Wasserstein lie between the bounds.
 3. Building twice gives the same bytes.
 4. A config in which the profile's numbers would mean something else is refused, with the word that
    differs; one that differs elsewhere is not.
 5. A profile that is cut off, foreign, of a newer version or contradicts itself is refused with
    exit code 65 and a message that names the file.
"""
import copy, json, os, re, subprocess, sys, tempfile

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
bikes = os.path.join(source, "examples", "bikes")


def config(folder, name, reference):
    text = open(os.path.join(bikes, "bikes.yaml")).read()
    text = re.sub(r"\{records: .*\}", reference, text)
    for file in ("predictions", "labels"):
        text = text.replace(f"file: {file}", f"file: {bikes}/{file}")
    path = os.path.join(folder, name)
    open(path, "w").write(text)
    return path


def replay(folder, path):
    results = os.path.join(folder, "results.jsonl")
    subprocess.run([tidemark, "replay", path, "--results", results], check=True,
                   stdout=subprocess.DEVNULL)
    return re.sub(r'"config_hash":"[0-9a-f]{16}"', '"config_hash":""', open(results).read())


def build(path, output, *options):
    return subprocess.run([tidemark, "reference", "build", path, "--output", output, *options],
                          check=True, capture_output=True, text=True).stdout


def findings(results):
    found = {}
    for line in results.splitlines():
        record = json.loads(line)
        for f in record["findings"]:
            key = (record["window_start"], str(record["segment"]), f["column"], f["metric"])
            found[key] = f
    return found


def refused(folder, path, document, word):
    file = os.path.join(folder, "hostile.json")
    data = document if isinstance(document, str) else json.dumps(document)
    open(file, "w").write(data)
    run = subprocess.run([tidemark, "replay", config(folder, "hostile.yaml", f"{{profile: {file}}}")],
                         capture_output=True, text=True)
    assert run.returncode == 65, f"exit {run.returncode} for {word}: {run.stderr}"
    assert "hostile.json" in run.stderr and word in run.stderr, f"{word}: {run.stderr}"


def differing(folder):
    """A binary profile with words of its own, read by configs that differ from it in one place."""
    carloan = os.path.join(source, "examples", "carloan")
    text = open(os.path.join(carloan, "carloan.yaml")).read().replace("file: ", f"file: {carloan}/")
    own = "columns: {debt*: {type: numeric, min_effect: 0.05}, driver_tenure: {ignore: true}, '*': {min_effect: 0.02}}\n"
    built, profile = os.path.join(folder, "built.yaml"), os.path.join(folder, "words.json")
    records = text.replace("records: ", f"records: {carloan}/")
    open(built, "w").write(records + own)
    build(built, profile)
    read = re.sub(r"\{records: .*\}", "{profile: %s}" % profile, text)

    def hold(changed, word):
        path = os.path.join(folder, "differs.yaml")
        open(path, "w").write(changed)
        run = subprocess.run([tidemark, "check", path], capture_output=True, text=True)
        assert run.returncode == (65 if word else 0), f"exit {run.returncode} for {word}: {run.stderr}"
        assert not word or ("words.json" in run.stderr and word in run.stderr), f"{word}: {run.stderr}"

    hold(read + own, None)
    hold(read, None)
    hold(read.replace("size: 7d", "size: 1d").replace("timestamp: ts", "timestamp: when") + own, None)
    hold(read + own + "positive_class: 0\n", "positive_class of *: 1 or true; the config says: 0")
    hold(read.replace(", prediction: prediction", "") + own, "prediction: mapped; the config says: not mapped")
    hold(read.replace(", proba: score", "") + own, "proba: a number; the config says: not mapped")
    hold(read.replace("proba: score", "proba: score, weight: w") + own, "weight: not mapped")
    hold(read + own.replace("ignore: true", "ignore: false"), "the profile ignores it")
    hold(read + own.replace("type: numeric", "ignore: true"), "the config ignores it")
    hold(read + own.replace("numeric", "categorical"), "another type")
    hold(read + own.replace("0.05", "0.5"), "another min_effect")


def column(document, name):
    return next(c for c in document["columns"] if c["name"] == name)


def kept(document, name):
    return next(c for c in document["cells"][0]["columns"] if c["name"] == name)


def hostile(folder, path, text):
    good = json.loads(text)
    refused(folder, path, text[:len(text) // 2], "is it whole")
    refused(folder, path, "", "is it whole")
    refused(folder, path, '{"format":"another"}', "no profile of tidemark")
    refused(folder, path, "[" * 100000, "hostile.json")

    def spoil(word, change):
        document = copy.deepcopy(good)
        change(document)
        assert document != good
        refused(folder, path, document, word)

    spoil("`words`", lambda d: d.pop("words"))
    spoil("version", lambda d: d.update(version=2))
    spoil("problem_type", lambda d: d.update(problem=1))
    spoil("reference_id", lambda d: d.update(reference_id="../../etc/passwd"))
    spoil("twice", lambda d: d["columns"].append(column(d, "hour")))
    spoil("ascend", lambda d: column(d, "hour")["fine"].reverse())
    spoil("among", lambda d: column(d, "temp")["edges"].__setitem__(0, -1000))
    spoil("more cells", lambda d: column(d, "temp").update(fine=list(range(300))))
    spoil("categories", lambda d: column(d, "season")["categories"].reverse())
    spoil("type", lambda d: column(d, "season").update(type="list"))
    spoil("contradict", lambda d: kept(d, "temp").update(rows=7))
    spoil("not there", lambda d: kept(d, "temp").update(rows=-1))
    spoil("not there", lambda d: kept(d, "temp").update(present=1e300))
    spoil("add up", lambda d: kept(d, "temp")["bins"].__setitem__(0, 1))
    spoil("number of cells", lambda d: kept(d, "temp")["fine"].pop())
    spoil("another number", lambda d: kept(d, "temp")["sorted"].pop())
    spoil("ascend", lambda d: kept(d, "temp")["sorted"].reverse())
    spoil("no such column", lambda d: kept(d, "temp").update(name="nobody"))
    spoil("no number", lambda d: kept(d, "temp")["measures"].update(mean=None))


with tempfile.TemporaryDirectory() as folder:
    records = config(folder, "records.yaml", f"{{records: {bikes}/reference.jsonl.gz}}")
    whole, again, bare = (os.path.join(folder, n) for n in ("whole.json", "again.json", "bare.json"))
    table = build(records, whole, "--keep-values")
    assert "hour" in table and "numeric" in table and "mean_absolute_error" in table, table
    build(records, again, "--keep-values")
    build(records, bare)
    assert open(whole).read() == open(again).read(), "two builds differ"
    assert os.path.getsize(bare) < os.path.getsize(whole) / 2
    exact = replay(folder, records)
    restored = replay(folder, config(folder, "whole.yaml", f"{{profile: {whole}}}"))
    assert exact == restored, "a profile with values gives other results than its records"
    exact = findings(exact)
    bounded = findings(replay(folder, config(folder, "bare.yaml", f"{{profile: {bare}}}")))
    assert exact.keys() == bounded.keys()
    compared = 0
    for key, f in exact.items():
        g = bounded[key]
        if key[3] in ("ks", "wasserstein") and f["value"] is not None:
            slack = 1e-12 * abs(f["value"])
            assert g["lower"] - slack <= f["value"] <= g["upper"] + slack, (key, f, g)
            assert g["lower"] <= g["value"] <= g["upper"] and g["reason"], (key, g)
            compared += 1
        elif key[3] in ("ks_2samp", "wasserstein_distance") and f["status"] == "OK":
            assert g["status"] == "UNDEFINED" and g["value"] is None, (key, g)
        else:
            assert f == g, (key, f, g)
    assert compared > 300, compared
    hostile(folder, records, open(whole).read())
    differing(folder)
    run = subprocess.run([tidemark, "reference", "build", records, "--output",
                          os.path.join(folder, "nowhere", "x.json")], capture_output=True, text=True)
    assert run.returncode == 74 and "nowhere" in run.stderr, run.stderr
print(f"{compared} bounds hold; 1 passed, 0 failed")
