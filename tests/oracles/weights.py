#!/usr/bin/env python3
"""Small weighted data sets, and what scikit-learn says of them with sample_weight.

The records are made by a generator of its own, so they are the same everywhere; the tables in
tests/golden/weights hold, by problem and segment, what this program printed with scikit-learn 1.9.1:

    python3 weights.py DIRECTORY     (needs scikit-learn and numpy; records() needs neither)

Rows of weight 0 count as labelled and are left out of what scikit-learn is given. Columns that
scikit-learn has no measure for (bottom of TABLES) are the definition with numpy, as are n_eff and
the ends of intervals.
"""
import csv, math, os, sys

HOUR = 3_600_000
ROWS = 240
CLASSES = ["ash", "birch", "cedar"]
SEGMENTS = ["all", "N", "S"]
PROBLEMS = {"binary": "classification_binary", "multiclass": "classification_multiclass",
            "regression": "regression"}
Z = 1.959963984540054


def config(problem):
    proba = "" if problem == "regression" else ", proba: p"
    return f"""\
name: weights
problem_type: {PROBLEMS[problem]}
inputs:
  predictions:
    file: predictions.jsonl
    map: {{id: id, timestamp: ts, prediction: said{proba}, weight: w, area: area}}
  labels:
    file: labels.jsonl
    map: {{id: id, timestamp: ts, target: was}}
window: {{size: 1h, label_horizon: 1h}}
segments: [area]
"""


def drawn(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (seed >> 11) / 2**53


def weight_of(i, u):
    """Whole numbers, fractions, none at all (0) and not given (1)."""
    return (None, 0, 0.1, 3, round(4 * u, 3))[i % 5]


def said(problem, draw):
    if problem == "regression":
        was = 0 if next(draw) < .05 else round(20 * next(draw) - 4, 2)
        return {"said": round(was + 6 * next(draw) - 2.5, 2)}, was
    if problem == "binary":
        p = round(next(draw), 1)
        return {"said": int(p >= .5), "p": p}, int(next(draw) < .2 + .6 * p)
    raw = [1 + int(8 * next(draw)) for _ in CLASSES]
    p = [x / sum(raw) for x in raw]
    was = CLASSES[p.index(max(p))] if next(draw) < .6 else CLASSES[int(3 * next(draw))]
    return {"said": CLASSES[p.index(max(p))], "p": dict(zip(CLASSES, p))}, was


def records(problem):
    """Predictions and labels, all of one window; the last labels move the watermark past it."""
    draw = drawn(len(problem))
    predictions, labels = [], []
    for i in range(ROWS):
        row, was = said(problem, draw)
        row |= {"id": f"r{i}", "ts": i * 10_000, "area": "NS"[i % 3 == 0]}
        weight = weight_of(i, next(draw))
        if weight is not None:
            row["w"] = weight
        predictions.append(row)
        labels.append({"id": row["id"], "ts": row["ts"] + HOUR // 2, "was": was})
    return predictions, labels


def rows_of(problem, segment):
    """Of a segment, all of them and those that weigh something: (prediction record, target, w)."""
    predictions, labels = records(problem)
    rows = [(p, label["was"], p.get("w", 1)) for p, label in zip(predictions, labels)
            if segment in ("all", p["area"])]
    return rows, [row for row in rows if row[2] > 0]


def wilson(share, n):
    middle, half = share + Z * Z / (2 * n), Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)


def n_eff(w):
    return w.sum() ** 2 / (w * w).sum()


def mean(x, w, of=lambda m: m, slope=lambda m: 1):
    """A function of a weighted mean with the interval of the mean on n_eff (delta method)."""
    m, n = (w * x).sum() / w.sum(), n_eff(w)
    variance = (w * (x - m) ** 2).sum() / w.sum() * n / (n - 1)
    half = Z * math.sqrt(variance / n) * slope(m)
    return of(m), of(m) - half, of(m) + half


def share(mask, among, w):
    part = w[among]
    value = (w * (mask & among)).sum() / part.sum()
    return value, *wilson(value, n_eff(part))


def delong(scores, positive, w):
    """The area and DeLong's interval, each row times its weight, by all pairs."""
    import numpy as np
    from sklearn.metrics import roc_auc_score
    area = roc_auc_score(positive, scores, sample_weight=w)
    a, b = w[positive], w[~positive]
    wins = (scores[positive][:, None] > scores[~positive]) + .5 * (scores[positive][:, None] == scores[~positive])
    beats, beaten = wins @ b / b.sum(), a @ wins / a.sum()
    variance = sum((w * (x - area) ** 2).sum() / w.sum() / (n_eff(w) - 1) for x, w in ((beats, a), (beaten, b)))
    half = Z * math.sqrt(variance)
    return area, max(area - half, 0), min(area + half, 1)


def calibration(metrics, column, scores, positive, w):
    """15 bins by definition; the slope by scikit-learn, the intercept of a slope of 1 by bisection."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    bins = np.searchsorted([k / 15 for k in range(1, 15)], scores)
    gaps = [(w[bins == k].sum(), abs((w * (scores - positive))[bins == k].sum())) for k in range(15) if (bins == k).any()]
    metrics["expected_calibration_error", column] = sum(gap for _, gap in gaps) / w.sum(),
    metrics["maximum_calibration_error", column] = max(gap / n for n, gap in gaps),
    eps = np.finfo(float).eps
    clipped = np.clip(scores, eps, 1 - eps)
    x = np.log(clipped / (1 - clipped))
    factor = (w * w).sum() / w.sum()
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    fit.fit(x[:, None], positive, sample_weight=w)
    p = fit.predict_proba(x[:, None])[:, 1]
    design = np.stack([np.ones_like(x), x], 1)
    covariance = np.linalg.inv(design.T @ (design * (w * p * (1 - p))[:, None])) * factor
    slope, half = fit.coef_[0, 0], Z * math.sqrt(covariance[1, 1])
    metrics["calibration_slope", column] = slope, slope - half, slope + half
    low, high = -40., 40.
    for _ in range(200):
        middle = (low + high) / 2
        p = 1 / (1 + np.exp(-(middle + x)))
        low, high = (middle, high) if math.fsum(w * (positive - p)) > 0 else (low, middle)
    half = Z * math.sqrt(factor / (w * p * (1 - p)).sum())
    metrics["calibration_intercept", column] = middle, middle - half, middle + half


def of_class(metrics, column, predicted, target, scores, w):
    """What a class has against all others; booleans."""
    import sklearn.metrics as m
    metrics["precision_score", column] = m.precision_score(target, predicted, sample_weight=w), \
        *share(target, predicted, w)[1:]
    metrics["recall_score", column] = m.recall_score(target, predicted, sample_weight=w), \
        *share(predicted, target, w)[1:]
    metrics["specificity", column] = m.recall_score(target, predicted, pos_label=0, sample_weight=w), \
        *share(~predicted, ~target, w)[1:]
    metrics["f1_score", column] = m.f1_score(target, predicted, sample_weight=w),
    metrics["roc_auc", column] = delong(scores, target, w)
    metrics["average_precision", column] = m.average_precision_score(target, scores, sample_weight=w),
    calibration(metrics, column, scores, target, w)


def of_classes(metrics, predicted, target, scores, w):
    import numpy as np
    import sklearn.metrics as m
    metrics["accuracy_score", ""] = m.accuracy_score(target, predicted, sample_weight=w), \
        *share(target == predicted, np.full(len(w), True), w)[1:]
    for name in ("balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score"):
        metrics[name, ""] = getattr(m, name)(target, predicted, sample_weight=w),
    metrics["log_loss", ""] = m.log_loss(target, scores, sample_weight=w), \
        *mean(-np.log([row[list(np.unique(target)).index(t)] for row, t in zip(scores, target)]), w)[1:]


def multiclass_averages(metrics, predicted, target, scores, w):
    import sklearn.metrics as m
    for name in ("precision", "recall", "f1"):
        for average in ("macro", "micro", "weighted"):
            metrics[f"{name}_{average}", ""] = getattr(m, name + "_score")(
                target, predicted, average=average, sample_weight=w),
    for average, ours in (("macro", "roc_auc_ovr"), ("weighted", "roc_auc_ovr_weighted")):
        metrics[ours, ""] = m.roc_auc_score(target, scores, multi_class="ovr", average=average,
                                            sample_weight=w),


def of_numbers(metrics, p, y, w):
    import numpy as np
    import sklearn.metrics as m
    e = p - y
    metrics["mean_absolute_error", ""] = m.mean_absolute_error(y, p, sample_weight=w), *mean(abs(e), w)[1:]
    metrics["mean_squared_error", ""] = m.mean_squared_error(y, p, sample_weight=w), *mean(e * e, w)[1:]
    metrics["root_mean_squared_error", ""] = m.root_mean_squared_error(y, p, sample_weight=w), \
        *mean(e * e, w, math.sqrt, lambda s: 1 / (2 * math.sqrt(s)))[1:]
    for name in ("r2_score", "explained_variance_score", "median_absolute_error"):
        metrics[name, ""] = getattr(m, name)(y, p, sample_weight=w),
    some = y != 0
    metrics["mean_absolute_percentage_error", ""] = \
        m.mean_absolute_percentage_error(y[some], p[some], sample_weight=w[some]),
    metrics["max_error", ""] = m.max_error(y, p),
    # no measure of scikit-learn
    metrics["mean_error", ""] = mean(e, w)
    metrics["weighted_absolute_percentage_error", ""] = (w * abs(e)).sum() / (w * abs(y)).sum(),
    both = abs(p) + abs(y)
    metrics["symmetric_mean_absolute_percentage_error", ""] = \
        (w * 2 * abs(e) / np.where(both > 0, both, 1)).sum() / w.sum(),


def expected(problem, segment):
    import numpy as np
    import sklearn.metrics as m
    rows = rows_of(problem, segment)[1]
    w, metrics = np.array([row[2] for row in rows], float), {}
    predicted, target = (np.array(x) for x in zip(*((p["said"], was) for p, was, _ in rows)))
    if problem == "regression":
        of_numbers(metrics, predicted.astype(float), target.astype(float), w)
    elif problem == "binary":
        scores = np.array([row[0]["p"] for row in rows], float)
        eps = np.finfo(float).eps
        clipped = np.clip(scores, eps, 1 - eps)
        of_class(metrics, "", predicted == 1, target == 1, scores, w)
        of_classes(metrics, predicted, target, np.stack([1 - clipped, clipped], 1), w)
        metrics["brier_score_loss", ""] = m.brier_score_loss(target, scores, sample_weight=w), \
            *mean((scores - target) ** 2, w)[1:]
    else:
        scores = np.array([[row[0]["p"][c] for c in CLASSES] for row in rows])
        for i, c in enumerate(CLASSES):
            of_class(metrics, c, predicted == c, target == c, scores[:, i], w)
        of_classes(metrics, predicted, target, scores, w)
        multiclass_averages(metrics, predicted, target, scores, w)
    return metrics


def main(folder):
    for problem in PROBLEMS:
        with open(os.path.join(folder, problem + ".csv"), "w") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["segment", "metric", "class", "value", "lower", "upper"])
            for segment in SEGMENTS:
                for (metric, column), numbers in sorted(expected(problem, segment).items()):
                    numbers = [repr(float(x)) for x in numbers] + [""] * (3 - len(numbers))
                    table.writerow([segment, metric, column, *numbers])


if __name__ == "__main__":
    main(sys.argv[1])
