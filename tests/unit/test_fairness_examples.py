"""docs/reference/fairness.md: every stored counter-example gives what the page prints."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from procurement.cli import procurement_group

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "fairness.md"
SECTIONS = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]


def block(section: str, kind: str) -> str:
    return re.search(rf"```{kind}\n(.*?)\n```", section, re.S)[1]


def gaining(stability: dict) -> str:
    best = stability["best_coalition"]
    if best is None:
        return "nobody"
    return f"{'、'.join(best['codes'])}: {best['share_yen']} → {best['alone_yen']}"


def test_the_page_has_the_examples_of_the_design():
    titles = [section.splitlines()[0] for section in SECTIONS]
    assert len(titles) == len(set(titles)) == 4
    assert any("Minimum charge" in title for title in titles)
    assert any("negative" in title for title in titles)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.splitlines()[0])
def test_the_command_answers_what_the_page_prints(section: str, tmp_path: Path):
    members, plan = tmp_path / "members.csv", tmp_path / "plan.json"
    members.write_text(block(section, "csv") + "\n", encoding="utf-8")
    plan.write_text(block(section, "json"), encoding="utf-8")
    words = ["fairness", "--members", str(members), "--plan", str(plan), "--format", "json"]
    data = json.loads(CliRunner().invoke(procurement_group, words).stdout)
    printed = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| 99")
    ]
    keys = ("code", "standalone_yen", "share_yen", "shapley", "leaving_costs_others_yen")
    assert printed == [[str(member[key]) for key in keys] for member in data["members"]]
    told = " ".join(section.split())
    assert f"Together {data['joint_yen']} yen." in told
    assert f"leaving the sharing by quantity: {gaining(data['sharing'])}." in told
    assert f"leaving the Shapley sharing: {gaining(data['shapley_sharing'])}." in told
    core = data["core"]
    empty = f"yes, by {core['missing_yen']} yen" if core["empty"] else "no"
    assert f"Core empty: {empty}." in told
