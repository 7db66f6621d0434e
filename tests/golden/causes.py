#!/usr/bin/env python3
"""Replays small streams and holds `contributors` and crossed segments to sums over their records.

usage: causes.py TIDEMARK SOURCE_DIR
What moved a mean (rate and mix of segment values, Kitagawa 1955) and a distribution (terms of the PSI
on the reference's deciles or categories) is computed here again, from SPEC 4.3 and 7.14 alone.
"""
import json, math, os, random, sys, tempfile
from golden import Golden

tidemark = sys.argv[1]
DAY = 86400000
FIELDS = {"country": ["FR", "DE", "a\x1fb", None], "device": ["web", "app"]}
CROSSED = ("country", "device")
SEGMENTS = [("country",), ("device",), CROSSED]
CONFIG = {
    "inputs": {
        "predictions": {"file": "predictions.jsonl",
                        "map": {"id": "id", "timestamp": "ts", "features": "f",
                                "prediction": "said", "country": "country"}},
        "labels": {"file": "labels.jsonl", "map": {"id": "id", "timestamp": "ts", "target": "was"}}},
    "window": {"size": "1d", "label_horizon": "1d"},
    "reference": {"records": "reference.jsonl"},
    "segments": ["country", "device", list(CROSSED)],
    "rules": [{"name": "numbers", "metric": "psi", "above": 0.1, "columns": ["x"]},
              {"name": "worse", "metric": "accuracy_score", "below": "1x reference", "segments": ["country:device"]}]}


def records(problem, count, start, shares, good, x_of):
    """`good`: how often a group is right; `shares`: how often countries come."""
    rng = random.Random(f"{problem} {start}")
    rows = []
    for i in range(count):
        country = rng.choices(FIELDS["country"] + ["NO"], shares)[0]
        device = rng.choice(FIELDS["device"])
        was = rng.random() < .4
        said = was if rng.random() < good(country, device) else not was
        if problem == "regression":
            said, was = 10 * rng.random() + 5 * (said != was), 10 * rng.random()
        row = {"id": f"{start}-{i}", "ts": start + i * 1000, "said": said, "was": was,
               "f": {"x": x_of(rng), "c": rng.choice("uvw" if start < DAY else "uvvvv"), "device": device}}
        if country is not None:
            row["country"] = country
        rows.append(row)
    return rows


def text(value):
    return None if value is None else value.replace("\x1f", " ") if isinstance(value, str) else str(value)


def place(row, segment):
    """The segment object of a row; a value that stands alone keeps U+001F."""
    value = {"country": row.get("country"), "device": row["f"]["device"]}
    return tuple((part, value[part] if len(segment) == 1 else text(value[part])) for part in segment)


def order(group):
    if len(group) == 1:
        return (group[0][1] is not None, (group[0][1] or "").encode())
    return (True, b"\x1f".join(b"\x1e" if v is None else v.encode() for _, v in group))


def means(rows, segment, measure):
    """{group: (n, mean)}, () for the total; groups without a row that counts are not there."""
    sums = {}
    for row in rows:
        value = measure(row)
        if value is not None:
            sums.setdefault(place(row, segment), []).append(value)
    return {group: (len(values), math.fsum(values) / len(values)) for group, values in sums.items()}


MEASURES = {
    "accuracy_score": lambda r: float(r["said"] == r["was"]),
    "recall_score": lambda r: float(r["said"]) if r["was"] else None,
    "precision_score": lambda r: float(r["was"]) if r["said"] else None,
    "specificity": lambda r: float(not r["said"]) if not r["was"] else None,
    "mean_error": lambda r: r["said"] - r["was"],
    "mean_absolute_error": lambda r: abs(r["said"] - r["was"]),
    "mean_squared_error": lambda r: (r["said"] - r["was"]) ** 2,
    "mean_absolute_percentage_error": lambda r: abs(r["said"] - r["was"]) / abs(r["was"]),
    "symmetric_mean_absolute_percentage_error":
        lambda r: 2 * abs(r["said"] - r["was"]) / (abs(r["said"]) + abs(r["was"])),
}


def split(now, before, measure):
    causes = []
    for segment in SEGMENTS:
        a, b = means(now, segment, measure), means(before, segment, measure)
        n, m = sum(v[0] for v in a.values()), sum(v[0] for v in b.values())
        total = sum(v[0] * v[1] for v in a.values()) / n
        past = sum(v[0] * v[1] for v in b.values()) / m
        here, shares = sorted(a, key=order), []
        for group in here + sorted(set(b) - set(a), key=order):
            w, v = a.get(group, (0, 0))[0] / n, b.get(group, (0, 0))[0] / m
            p, q = a.get(group, b.get(group))[1], b.get(group, a.get(group))[1]
            shares.append(("segment_rate", group, (w + v) / 2 * (p - q) / (total - past)))
            shares.append(("segment_mix", group,
                           (w - v) * ((p + q) / 2 - (total + past) / 2) / (total - past)))
        assert abs(sum(s[2] for s in shares) - 1) < 1e-9
        causes += shares
    return causes


def quantile(values, q):
    at = q * (len(values) - 1)
    low = math.floor(at)
    return values[low] + (at - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def number(x):
    return repr(int(x)) if x == int(x) else repr(x)


def terms(p, q):
    p, q = p or 1e-4, q or 1e-4
    return (p - q) * math.log(p / q)


def bins(now, before):
    past = sorted(row["f"]["x"] for row in before)
    edges = sorted({quantile(past, i / 10) for i in range(1, 10)})
    counts = [[0] * (len(edges) + 1) for _ in range(2)]
    for side, rows in zip(counts, (now, before)):
        for row in rows:
            side[sum(edge < row["f"]["x"] for edge in edges)] += 1
    names = [f"<= {number(edges[0])}"] + \
        [f"({number(a)}, {number(b)}]" for a, b in zip(edges, edges[1:])] + [f"> {number(edges[-1])}"]
    parts = [terms(c / len(now), r / len(before)) for c, r in zip(*counts)]
    return [("bin", name, part / sum(parts)) for name, part in zip(names, parts)]


def categories(now, before):
    names = sorted({row["f"]["c"] for row in before})
    parts = [terms(sum(r["f"]["c"] == name for r in now) / len(now),
                   sum(r["f"]["c"] == name for r in before) / len(before)) for name in names]
    return [("category", name, part / sum(parts)) for name, part in zip(names, parts)]


def name_of(group):
    if isinstance(group, str):
        return group
    return ", ".join(f"{part}={'missing' if value is None else value}" for part, value in group)


def hold(ours, causes, what):
    wanted = [c for c in sorted(causes, key=lambda c: -abs(c[2])) if abs(c[2]) > 1e-12]
    assert len(ours) == min(5, len(wanted)), f"{what}: {ours} {wanted}"
    for cause, (kind, group, share) in zip(ours, wanted):
        same = [c for c in wanted if abs(abs(c[2]) - abs(share)) < 1e-12]
        assert (cause["what"], cause["name"]) in [(c[0], name_of(c[1])) for c in same], \
            f"{what}: {cause} {kind} {group} {share}"
        golden.close(abs(cause["share"]), abs(share), what, 1e-12)


def replay(folder, problem, rows, reference):
    for name, lines in (("predictions", [{k: v for k, v in row.items() if k != "was"} for row in rows]),
                        ("labels", [{"id": r["id"], "ts": r["ts"] + 1, "was": r["was"]} for r in rows]),
                        ("reference", reference)):
        with open(os.path.join(folder, name + ".jsonl"), "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    rules = CONFIG["rules"][:1 if problem == "regression" else 2]
    return golden.replay(folder, json.dumps(CONFIG | {"name": "c", "problem_type": problem, "rules": rules}))[1]


def by_device(country, device):
    return .95 if device == "web" else .7


def worse(country, device):
    return .5 if country == "FR" else by_device(country, device)


def capped(folder):
    """1,600 crossed values of 40 x 40: the same 1,000 are kept in any order, the rest is one cell."""
    rows = [{"id": str(i), "ts": i, "said": 1, "was": 1, "country": f"c{i % 40}",
             "f": {"x": 1, "c": "u", "device": f"d{i // 40 % 40}"}} for i in range(3200)]
    said = []
    for some in (rows, rows[::-1]):
        for i, row in enumerate(some):
            row["ts"] = i  # none is late
        results = replay(folder, "classification_binary", some, rows[:100])
        said.append({tuple(r["segment"].items()): r["predictions"] for r in results
                     if len(r["segment"]) == 2 and r["side"] == "label"})
    assert said[0] == said[1] and len(said[0]) == 1001 and sum(said[0].values()) == len(rows)
    assert said[0][("country", "__other__"), ("device", "__other__")] == 1200
    golden.compared += len(said[0])


golden = Golden(tidemark)
with tempfile.TemporaryDirectory() as folder:
    for problem in ("classification_binary", "regression"):
        plain = lambda rng: round(rng.gauss(0, 3))
        before = records(problem, 3000, 0, [4, 3, 2, 1, 0], by_device, plain)
        windows = {
            10 * DAY: records(problem, 2000, 10 * DAY, [4, 3, 0, 1, 2], worse, lambda rng: rng.gauss(2, 3)),
            11 * DAY: records(problem, 2000, 11 * DAY, [1, 1, 1, 1, 1], lambda c, d: .99, plain)}
        # Simpson: nothing changes within a device, and the devices' shares do
        same = {device: [r for r in before if r["f"]["device"] == device] for device in FIELDS["device"]}
        windows[12 * DAY] = [row | {"id": f"m{i}", "ts": 12 * DAY + i} for i, row in enumerate(
            same["web"] + [row for row in same["app"] for _ in range(4)])]
        results = replay(folder, problem, [row for rows in windows.values() for row in rows], before)
        explained = 0
        for record in results:
            now = windows.get(record["window_start"])
            if record["side"] == "input" or now is None:
                continue
            if record["segment"]:
                segment = tuple(record["segment"])
                group = tuple(record["segment"].items())
                count = sum(place(row, segment) == group for row in now)
                assert record["predictions"] == count > 0, record["segment"]
                golden.compared += 1
            for f in record["findings"]:
                what = f"{problem} {record['window_start']} {record['segment']} {f['metric']} {f['column']}"
                inside = f["lower"] is not None and f["reference"] is not None and \
                    f["lower"] <= f["reference"] <= f["upper"]
                if f["metric"] in MEASURES and not record["segment"] and not inside and f["status"] == "OK" \
                        and f["column"] is None:
                    hold(f["contributors"], split(now, before, MEASURES[f["metric"]]), what)
                    explained += 1
                elif f["metric"] == "drift" and not record["segment"] and f["column"] in ("x", "c") \
                        and f["p_value"] < .05:
                    hold(f["contributors"], (bins if f["column"] == "x" else categories)(now, before), what)
                    explained += 1
                elif f["family"] != "fairness" and f["metric"] != "drift":
                    assert f["contributors"] == [], what
                if record["window_start"] == 12 * DAY and f["metric"] == "accuracy_score" \
                        and not record["segment"]:
                    devices = [c for c in f["contributors"] if c["name"].startswith("device=")]
                    assert devices and {c["what"] for c in devices} == {"segment_mix"}, f
        assert explained >= 6, f"{problem}: {explained} findings with contributors"
        found = {tuple(r["segment"].items()) for r in results if len(r["segment"]) == 2}
        assert (("country", None), ("device", "web")) in found and \
            (("country", "a b"), ("device", "app")) in found, found
        alert = next(a for a in golden.alerts if a["rule"] == "numbers")
        hold(alert["contributors"], bins(windows[10 * DAY], before), "alert")
        for a in golden.alerts:
            if a["rule"] == "worse" and a["segment"]:
                assert f" for country {a['segment']['country'] or 'missing'}, device " in a["message"], a
                assert a["contributors"] == [], a
        if problem != "regression":
            assert any(a["rule"] == "worse" and a["segment"] == {"country": "FR", "device": "web"}
                       for a in golden.alerts), "no alert of a crossed segment"
    capped(folder)
golden.done(1300)
