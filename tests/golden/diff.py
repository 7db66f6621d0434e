#!/usr/bin/env python3
"""`diff` of a replay's records and of what was changed in them on purpose: what it says is what was
changed, to the letter, in text and as JSON; and of random changes it finds those that were made.

usage: diff.py TIDEMARK SOURCE_DIR
"""
import copy, gzip, json, os, random, shutil, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
config = os.path.join(source, "examples", "bikes", "bikes.yaml")

TEXT = """\
              only in A  only in B     differ      equal
prediction            0          1          1         30
label                 1          0          1         29
input totals          0          0          1          0
alert                 1          1          0          3

differs    prediction name="bike-demand" model="bike-demand" segment={"season":"spring"} window_start=2012-03-01
    predictions  479 | -
    findings[constant]  {"family":"data_quality","metric":"constant"} | -
    findings[distinct $prediction].value  479 | 1000000000
    curve  null | {"tpr":[0,1]}
    new?name  - | "x"
only in B  prediction name="bike-demand" model="bike-demand" segment={"season":"winter"} window_start=1970-01-01T00:00:00.001Z
only in A  label name="bike-demand" model="bike-demand" window_start=2011-12-08
differs    label name="bike-demand" model="bike-demand" window_start=2012-01-05
    coverage  1 | 0.5
differs    input totals name="bike-demand"
    counts.labels.matched  8734 | 8735
only in A  alert rule="error-doubled" name="bike-demand" alert_id="3ae425e159c6bc2886639f9b5f3ff3f9" severity="critical" window_start=2012-03-29 state="firing"
only in B  alert rule="error-doubled" name="bike-demand" alert_id="3ae425e159c6bc2886639f9b5f3ff3f9" severity="critical" window_start=2012-03-29 state="pending"
"""


def diff(a, b, *words, code):
    done = subprocess.run([tidemark, "diff", a, b, *words], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"diff {words}: exit {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return done.stdout if code < 2 else done.stderr


def write(name, records):
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.writelines(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records)
    return path


def pick(records, **members):
    found = [r for r in records if all(r.get(k) == v for k, v in members.items())]
    assert len(found) == 1, (members, len(found))
    return found[0]


def finding(record, metric, column):
    return next(f for f in record["findings"] if f["metric"] == metric and f["column"] == column)


def changed(records):
    """The records of A and of B: everything that TEXT says, and reversed findings, which say nothing."""
    a, b = copy.deepcopy(records), copy.deepcopy(records)
    where = {"side": "prediction", "segment": {"season": "spring"}, "window_start": 1330560000000}
    left, right = pick(a, **where), pick(b, **where)
    constant = finding(left, "constant", "$prediction")
    for member in [m for m in constant if m not in ("family", "metric")]:
        del constant[member]
    finding(right, "distinct", "$prediction")["value"] = 1e9
    right["findings"].remove(finding(right, "constant", "$prediction"))
    del right["predictions"]
    right["curve"] = {"tpr": [0, 1]}
    right["new\nname"] = "x"
    b.append({**copy.deepcopy(right), "segment": {"season": "winter"}, "window_start": 1})
    a_only = pick(b, side="label", segment={}, window_start=1323302400000)
    b.remove(a_only)
    pick(b, side="label", segment={}, window_start=1325721600000)["coverage"] = .5
    pick(b, side="input", window_start=1325721600000)["counts"]["labels"]["matched"] += 1
    pick(b, window_start=1332979200000, state="firing")["state"] = "pending"
    pick(b, side="label", segment={}, window_start=1328140800000)["findings"].reverse()
    return a, b


def revisions(records):
    """An earlier revision with other numbers is not looked at, unless every one is."""
    old = copy.deepcopy(pick(records, side="label", segment={}, window_start=1325721600000))
    newer = [{**r, "revision": 1} if r.get("side") == "label" and r["segment"] == {} and
             r["window_start"] == 1325721600000 else r for r in records]
    a, b = write("r1", [old, *newer]), write("r2", newer)
    diff(a, b, code=0)
    assert "label                 1          0          0         31" in diff(a, b, "--all-revisions", code=1)
    # of equal revisions the last one
    diff(write("r3", [{**newer[0], "predictions": 1}, *newer]), b, code=0)
    diff(write("r3", [*newer, {**newer[0], "predictions": 1}]), b, code=1)


def randomly(records):
    """Of random changes to random members the JSON names each record and the member."""
    rng = random.Random(3)
    results = [r for r in records if "findings" in r and r["side"] != "input"]
    for _ in range(6):
        a, b, wanted = results, copy.deepcopy(results), set()
        for i in rng.sample(range(len(b)), 7):
            f = rng.choice([f for f in b[i]["findings"] if f["value"] is not None])
            f["value"] = f["value"] + rng.choice([1, -3, 1e-3]) * max(1, abs(f["value"]))
            name = " ".join(f[k] for k in ("metric", "column", "dialect") if f[k])
            wanted.add((b[i]["side"], json.dumps(b[i]["segment"]), b[i]["window_start"], f"findings[{name}].value"))
        rng.shuffle(b)
        said = json.loads(diff(write("a", a), write("b", b), "--json", "--tolerance", "1e-6", code=1))
        found = {(d["key"][0], json.dumps(d["key"][4]), d["key"][5], f["field"])
                 for d in said["differences"] for f in d["fields"]}
        assert found == wanted and said["left_out"] == 0, (found - wanted, wanted - found)
        for d in said["differences"]:
            for f in d["fields"]:
                assert abs(f["a"] - f["b"]) > 1e-6 * max(1, abs(f["a"]), abs(f["b"])), f
        diff(write("a", a), write("b", b), "--ignore", "findings.value", code=0)
        diff(write("a", a), write("b", b), "--tolerance", "1", "--ignore", "x", code=0 if all(
            abs(f["a"] - f["b"]) <= max(1, abs(f["a"]), abs(f["b"])) for d in said["differences"]
            for f in d["fields"]) else 1)


with tempfile.TemporaryDirectory() as folder:
    results, alerts = os.path.join(folder, "results"), os.path.join(folder, "alerts")
    subprocess.run([tidemark, "replay", config, "--results", results, "--alerts", alerts], check=True,
                   stdout=subprocess.DEVNULL)
    records = [json.loads(line) for path in (results, alerts) for line in open(path)]
    same = diff(results, results, code=0)
    assert same.splitlines()[1:] == ["prediction            0          0          0         31",
                                     "label                 0          0          0         31",
                                     "input totals          0          0          0          1"], same
    a, b = changed(records)
    a, b = write("a", a), write("b", b)
    said = diff(a, b, code=1)
    assert said == TEXT, said
    packed = os.path.join(folder, "b.gz")
    with open(b, "rb") as plain, gzip.open(packed, "wb") as out:
        shutil.copyfileobj(plain, out)
    assert diff(a, packed, code=1) == TEXT
    said = diff(a, b, "--limit", "1", code=1)
    assert said.endswith("    new?name  - | \"x\"\nand 6 records more: --limit says how many\n"), said
    as_json = json.loads(diff(a, b, "--json", code=1))
    assert as_json["kinds"]["label"] == {"only_a": 1, "only_b": 0, "differs": 1, "equal": 29}
    assert as_json["differences"][0]["fields"][2] == {"field": "findings[distinct $prediction].value",
                                                      "a": 479, "b": 1e9}
    assert as_json["differences"][0]["fields"][4] == {"field": "new\nname", "b": "x"}
    said = diff(a, b, "--inputs", code=1)
    assert "\ninput                 0          0          1         13\n" in said, said
    assert "differs    input name=\"bike-demand\" window_start=2012-01-05" in said, said
    revisions(records)
    randomly(records)
    assert b"label" in subprocess.run([tidemark, "diff", "-", results], input=open(results, "rb").read(),
                                      check=True, capture_output=True).stdout
    nothing = write("nothing", [])
    diff(nothing, nothing, code=0)
    assert "neither a result nor an alert" in diff(results, write("x", [records[0], {"a": 1}]), code=65)
    assert "x:2: " in diff(results, os.path.join(folder, "x"), code=65)
    assert "no JSON" in diff(config, results, code=65)
    assert "--memory" in diff(results, results, "--memory", "64 KiB", code=71)
    diff(results, os.path.join(folder, "none"), code=66)
    for wrong in ((results,), ("-", "-"), (results, results, results), (results, results, "--tolerance", "-1"),
                  (results, results, "--limit", "x"), (results, results, "--memory", "0"), (results, "topic:x"),
                  (results, results, "--what")):
        assert subprocess.run([tidemark, "diff", *wrong], capture_output=True).returncode == 64, wrong
print("every change was told, and nothing else; 1 passed, 0 failed")
