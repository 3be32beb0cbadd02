"""weakspot.api.metrics: what monitoring reads, and who may."""

from __future__ import annotations

from concurrent.futures import Future

from tests.support.served import Served
from weakspot import intel
from weakspot.api.metrics import Counters, Metric, Sample, render
from weakspot.runtime import changes

PATH = "/api/v1/metrics"


def figures(served: Served) -> dict[str, float]:
    """Each sample by its name and labels."""
    answered = served.call("GET", PATH)
    assert answered.status == 200
    assert answered.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answered.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_figures_tell_of_sources_fleet_and_reports(own: Served) -> None:
    own.load_starter()
    sensor = own.enrol()
    sensor.report(("curl", "7.88.1-10"))
    own.settle()
    own.clock.forward(90)
    found = figures(own)
    assert found['weakspot_source_age_seconds{source="starter"}'] == 90
    assert found['weakspot_source_status{source="starter",status="succeeded"}'] == 1
    assert found['weakspot_source_status{source="osv",status="never"}'] == 1
    assert found['weakspot_source_records{source="starter"}'] > 100
    assert 'weakspot_source_age_seconds{source="osv"}' not in found
    assert found["weakspot_knowledge_version"] == 1
    assert found["weakspot_devices"] == 1
    assert found["weakspot_fleet_lag_changes"] == 0
    assert found["weakspot_fleet_lag_seconds_count"] == found['weakspot_fleet_lag_seconds_bucket{le="+Inf"}']
    assert "weakspot_fleet_lag_seconds_sum" in found
    assert found['weakspot_reports_total{result="accepted"}'] == 1


def test_a_stranger_learns_nothing(own: Served) -> None:
    assert own.client.request("GET", PATH).status == 401


def test_a_stall_is_told_once_and_shown(own: Served) -> None:
    own.load_starter()
    database = own.application.database
    limit = next(source.stale_after_days for source in intel.sources() if source.name == "starter")

    def tell() -> list[str]:
        return database.write(lambda conn: intel.tell_stalls(conn, own.clock()))

    assert tell() == []
    own.clock.forward(limit * 86_400 + 1)
    assert tell() == ["starter"]
    assert tell() == []
    feeds = own.call("GET", "/api/v1/knowledge").json["feeds"]
    assert [feed["source"] for feed in feeds if feed["is_stalled"]] == ["starter"]
    assert figures(own)['weakspot_source_stalled{source="starter"}'] == 1
    database.write(lambda conn: intel.record_failure(conn, "starter", own.clock(), "No answer."))
    assert tell() == [], "a failure is no new stall"
    own.load_starter()
    assert figures(own)['weakspot_source_stalled{source="starter"}'] == 0
    own.clock.forward(limit * 86_400 + 1)
    assert tell() == ["starter"], "the next stall is told again"
    with database.read() as conn:
        rows = [change.payload for change in changes.since(conn, 0) if change.kind == "intel.stalled"]
    assert [row["source"] for row in rows] == ["starter", "starter"]
    assert rows[0]["since"] < rows[1]["since"]


def test_reports_are_counted_by_how_they_ended() -> None:
    counters = Counters()
    good: Future[str] = Future()
    bad: Future[str] = Future()
    for answer in (good, bad):
        answer.add_done_callback(counters.note_report)
    good.set_result("stored")
    bad.set_exception(ValueError("no"))
    assert counters.reports == {"accepted": 1, "refused": 1}
    for accepted in (4, 5):
        counters.note_elsewhere(7, {"accepted": accepted, "refused": 0})
    counters.note_elsewhere(8, {"accepted": 1, "refused": 2})
    assert counters.reports == {"accepted": 7, "refused": 3}, (
        "what each other process said last, and what ended ones did"
    )


def test_labels_are_escaped_and_empty_figures_left_out() -> None:
    text = render([Metric("a", "gauge", "A.", (Sample(1.5, {"x": 'q"\\\n'}),)), Metric("b", "counter", "B.", ())])
    assert text == '# HELP a A.\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 1.5\n'
