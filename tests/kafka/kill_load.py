"""The load of kill.py: predictions and labels without end, the same for the same seed.

events(seed) yields (time_ms, topic, key, value) in the order of sending; time_ms is event time and
only grows. Among them: predictions and labels that come twice (with the same and with another
value), labels before their prediction, without one, beyond the horizon or too late for their
partition's watermark, late predictions, a second version of a model that answers to the same ids,
records that nobody can read, and times in the future. No record is out of order by more than
OUT_OF_ORDER_MS unless it is meant to be late.
"""
import heapq, json, random

START_MS = 1700000040000  # a whole number of windows; years before the records' own times
WINDOW_MS, LATENESS_MS, OUT_OF_ORDER_MS = 60000, 5000, 5000
HORIZON_MS, TTL_MS = 90000, 30000
STEP_MS = 1000  # between two predictions of all partitions together
FUTURE_MS = 2 * 10**12
REGIONS = ("north", "south", None)
GARBAGE = (b"no json", b'{"id": "half', b"[1, 2]", b'{"id": "\xff"}', b'{"id": "x"}', b'{"id": "x", "ts": "soon"}',
           b'{"id": "x", "ts": -1}', b'{"ts": 1}')


class Load:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.waiting = []  # (time of sending, number, topic, key, value)
        self.number = 0

    def later(self, send_ms, topic, key, value):
        if not isinstance(value, bytes):
            value = json.dumps({name: x for name, x in value.items() if x is not None}).encode()
        self.number += 1
        heapq.heappush(self.waiting, (send_ms, self.number, topic, key, value))

    def chance(self, share):
        return self.random.random() < share

    def jitter(self):
        return self.random.randrange(OUT_OF_ORDER_MS)

    def prediction(self, now_ms, number):
        r = self.random
        binary = self.chance(.5)
        # now and then a stretch of windows in which the models are wrong, and one with few features
        wrong = now_ms // WINDOW_MS % 11 in (3, 4, 5, 9)
        empty = now_ms // WINDOW_MS % 13 in (6, 7)
        id = f"{number}"
        truth = r.randrange(2) if binary else r.gauss(100, 10)
        if binary:
            answer = truth if self.chance(.35 if wrong else .85) else 1 - truth
        else:
            answer = truth + r.gauss(0, 9 if wrong else 2)
        record = {"id": id, "ts": now_ms, "model": "yes-no" if binary else "amount", "version": "1",
                  "region": r.choice(REGIONS), "prediction": answer,
                  "features": {} if self.chance(.6 if empty else .1) else {"x": r.gauss(0, 1)}}
        send_ms = now_ms + self.jitter()
        if self.chance(.004):
            send_ms += WINDOW_MS + r.randrange(3 * WINDOW_MS)  # late, or just not
        self.later(send_ms, "predictions", id, record)
        if self.chance(.03):
            again = dict(record, prediction=1 - answer if binary else answer + 50)
            self.later(send_ms + r.randrange(4 * WINDOW_MS), "predictions", id, again)
        if binary and now_ms // WINDOW_MS % 3 == 1 and self.chance(.1):
            challenger = dict(record, version="2", prediction=r.randrange(2))
            self.later(send_ms + r.randrange(300), "predictions", id, challenger)
        if not self.chance(.1):
            self.label(record, truth, binary)

    def label(self, record, truth, binary):
        r = self.random
        delay_ms = r.randrange(int(.9 * HORIZON_MS))
        if self.chance(.03):
            delay_ms = -1 - r.randrange(TTL_MS + 2000)
        if self.chance(.02):
            delay_ms = HORIZON_MS + r.randrange(2 * WINDOW_MS)  # beyond the horizon, or just not
        label = {"id": record["id"], "ts": record["ts"] + delay_ms, "label": truth}
        send_ms = max(record["ts"], label["ts"]) + self.jitter()
        if delay_ms < 0:
            send_ms = record["ts"] + r.randrange(OUT_OF_ORDER_MS // 2)
        if self.chance(.01):
            send_ms += r.randrange(6 * WINDOW_MS)  # late for its window, or for all
        self.later(send_ms, "labels", record["id"], label)
        if self.chance(.03):
            other = truth if self.chance(.5) else 1 - truth if binary else truth + 25
            self.later(send_ms + r.randrange(30000), "labels", record["id"], dict(label, label=other))

    def oddities(self, now_ms, number):
        r = self.random
        for topic in ("predictions", "labels"):
            if self.chance(.01):
                self.later(now_ms, topic, f"garbage-{number}", r.choice(GARBAGE))
            if self.chance(.003):
                self.later(now_ms, topic, f"future-{number}", {
                    "id": f"future-{number}", "ts": FUTURE_MS, "model": "yes-no", "version": "1",
                    "prediction": 1, "label": 1, "features": {}})
        if self.chance(.01):
            self.later(now_ms, "labels", f"orphan-{number}",
                       {"id": f"orphan-{number}", "ts": now_ms - r.randrange(9 * WINDOW_MS), "label": 1})

    def events(self):
        number = 0
        while True:
            now_ms = START_MS + number * STEP_MS
            self.prediction(now_ms, number)
            self.oddities(now_ms, number)
            number += 1
            while self.waiting and self.waiting[0][0] <= now_ms:
                send_ms, _, topic, key, value = heapq.heappop(self.waiting)
                yield send_ms, topic, key, value


def closing(now_ms, partition):
    """What pushes the watermarks of a partition past everything that was sent until now_ms."""
    id, ts = f"closing-{partition}", now_ms + 100 * WINDOW_MS
    prediction = {"id": id, "ts": ts, "model": "yes-no", "version": "1", "region": "north", "prediction": 1,
                  "features": {}}
    return (("predictions", id, json.dumps(prediction).encode()),
            ("labels", id, json.dumps({"id": id, "ts": ts, "label": 1}).encode()))
