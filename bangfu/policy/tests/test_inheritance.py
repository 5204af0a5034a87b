"""A pack built on another: province on nation, company on province."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.reading import folder_bytes, read_files, to_zip

ON = date(2025, 3, 1)
NATION = {
    "pack.yaml": "id: nation\ntitle: 全国标准\nissuer: 全总\nvalid_from: 2020-01-01\n",
    "regulation.md": "深度困难 {#一}\n\n生活救助 {#二}\n\n医疗救助 {#三}\n",
    "parameters.yaml": """
line_fen: {title: 低保标准, clause: 一, unit: fen, values: [{from: 2020-01-01, value: 500元}]}
living_fen: {title: 生活救助, clause: 二, unit: fen, values: [{from: 2020-01-01, value: 6000元}]}
""",
    "derived.yaml": "figures:\n  per_head_fen: {title: 人均, clause: 一, expr: \"per(annual_income_fen, household_size * 12, 'half_up')\"}\n",
    "classes.yaml": """
sets:
  - id: national
    title: 全国类别
    classes: [{id: deep, title: 深度, clause: 一, requires: {clause: 一, text: 不高于低保, when: per_head_fen <= $line_fen}}]
""",
    "programmes.yaml": """
programmes:
  - {id: living, title: 生活, clause: 二, fund: f, procedure: p, requires: [{clause: 二, text: 深度, when: class_national = 'deep'}], amount: {kind: fixed, clause: 二, text: 定额, value: $living_fen}}
  - {id: medical, title: 医疗, clause: 三, fund: f, procedure: p, requires: [], amount: {kind: formula, clause: 三, text: 自付, value: medical_self_paid_fen}}
""",
    "money.yaml": "funds: [{id: f, title: 专项, subject: 专项, clause: 一, uses: [living, medical]}]\n",
    "procedure.yaml": "procedures:\n  - {id: p, title: 程序, clause: 一, stages: [{id: pay, kind: pay, level: finance, role: [CASHIER], title: 发放, clause: 一}]}\n",
    "evidence.yaml": "items: [{id: bill, title: 票据, clause: 三, programmes: [medical]}, {id: id_card, title: 身份证, clause: 一}]\n",
    "plans/care.yaml": "id: care\ntitle: 互助\nclause: 三\nbenefits: [{id: lump, title: 一次, clause: 三, amount: {kind: fixed, clause: 三, text: 定额, value: $living_fen}}]\n",
}
PROVINCE = {
    "pack.yaml": "id: province\ntitle: 省标准\nissuer: 省总\nextends: nation\nwithout: {programmes: [medical]}\nvalid_from: 2021-01-01\n",
    "regulation.md": "生活救助提高 {#一}\n\n省定档次 {#二}\n",
    "parameters.yaml": "living_fen: {title: 省生活救助, clause: 一, unit: fen, values: [{from: 2021-01-01, value: 8000元}]}\n",
    "classes.yaml": """
primary: local
sets:
  - id: local
    title: 省定档次
    classes: [{id: poor, title: 困难, clause: 二, requires: {clause: 二, text: 全国深度, when: class_national = 'deep'}}]
""",
}
COMPANY = {
    "pack.yaml": "id: company\ntitle: 公司办法\nissuer: 公司工会\nextends: province\nvalid_from: 2022-01-01\n",
    "programmes.yaml": """
programmes:
  - {id: gift, title: 慰问, clause: 甲, fund: f, procedure: p, requires: [{clause: 甲, text: 困难, when: class = 'poor'}], amount: {kind: fixed, clause: 甲, text: 同生活救助, value: $living_fen}}
""",
    "money.yaml": "funds: [{id: f, title: 公司专项, subject: 专项, clause: 甲, uses: [living, gift]}]\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shelf(tmp_path):
    for name, files in (("nation", NATION), ("province", PROVINCE), ("company", COMPANY)):
        write(tmp_path / name, files)
    return tmp_path


def test_items_are_own_inherited_or_replaced(shelf):
    pack = load_pack(shelf / "province")
    state = {key: (origin.state, origin.pack) for key, origin in pack.origins.items()}
    assert state["parameters", "line_fen"] == ("inherited", "nation")
    assert state["parameters", "living_fen"] == ("replaced", "province")
    assert state["sets", "local"] == ("own", "province") and state["plans", "care"] == ("inherited", "nation")
    assert ("programmes", "medical") not in state and pack.removed == {"programmes": ("medical",)}
    assert pack.extends == "nation" and pack.primary.id == "local"
    assert pack.fund("f").uses == ("living",)  # what is left out is not named any more
    assert [item.id for item in pack.evidence] == ["bill", "id_card"] and pack.evidence[0].programmes == ()


def test_inherited_rules_cite_the_parents_clause_and_its_text_is_there(shelf):
    pack = load_pack(shelf / "province")
    found = evaluate(pack, {"annual_income_fen": 1, "household_size": 1, "payments": []}, ON)
    assert (found.class_, found.classes, found.programme("living").amount_fen) == (
        "poor",
        {"local": "poor", "national": "deep"},
        800_000,
    )
    assert {reason.clause for reason in found.reasons} == {"nation:一", "二", "nation:二"}
    assert all(reason.clause in pack.regulation.clauses for reason in found.reasons)
    assert 'id="nation:一"' in pack.regulation.html()


def test_three_levels_and_a_zip_that_holds_them_all(shelf):
    content = folder_bytes(shelf / "company")
    assert {name for name in read_files(content).files if name.endswith("pack.yaml")} == {
        "pack.yaml", "base/province/pack.yaml", "base/nation/pack.yaml",
    }  # fmt: skip
    folder, zipped = load_pack(shelf / "company"), load_pack(content)
    assert folder.sha256 == zipped.sha256
    found = evaluate(zipped, {"annual_income_fen": 1, "household_size": 1, "payments": []}, ON)
    assert [(row.id, row.amount_fen, row.clause) for row in found.programmes] == [
        ("living", 800_000, "nation:二"),
        ("gift", 800_000, "甲"),
    ]
    assert zipped.origins["parameters", "living_fen"].pack == "province"
    assert zipped.origins["funds", "f"].state == "replaced"


def test_the_child_stays_the_same_when_the_parent_changes_later(shelf):
    content = folder_bytes(shelf / "company")
    shutil.rmtree(shelf / "nation")
    assert load_pack(content).programme("living")
    with pytest.raises(Exception, match="找不到上位办法“nation”"):
        load_pack(shelf / "company")


@pytest.mark.parametrize(
    ("where", "old", "new", "line"),
    [
        ("province/pack.yaml", "extends: nation", "extends: moon", "pack.yaml:4: 找不到上位办法“moon”"),
        ("province/pack.yaml", "[medical]", "[dental]", "pack.yaml:5: 上位办法里没有“dental”"),
        ("province/pack.yaml", "extends: nation\n", "", "pack.yaml:4: 没有写 extends"),
        ("province/pack.yaml", "{programmes:", "{program:", "不认识“program”"),
        ("province/classes.yaml", "primary: local", "primary: other", "没有这套档次“other”"),
        ("province/parameters.yaml", "clause: 一", "clause: 九", "parameters.yaml:1 九: regulation.md 里没有条款“九”"),
        ("nation/programmes.yaml", "clause: 三, text: 自付", "clause: 九, text: 自付", None),
        ("nation/programmes.yaml", "clause: 二, text: 定额", "clause: 九, text: 定额", "base/nation/programmes.yaml:3 nation:九: regulation.md 里没有条款"),
        ("nation/parameters.yaml", "500元", "五百元", "base/nation/parameters.yaml:2"),
        ("nation/pack.yaml", "valid_from", "extends: province\nvalid_from", "绕成了圈：province → nation → province"),
    ],
)  # fmt: skip
def test_faults_are_named_in_the_file_that_has_them(shelf, where, old, new, line):
    text = (shelf / where).read_text(encoding="utf-8")
    assert old in text
    (shelf / where).write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [str(problem) for problem in check(shelf / "province")[1]]
    assert (found == []) if line is None else any(line in one for one in found), found


def test_a_zip_of_the_folder_itself_is_read_too():
    files = {f"nation/{name}": text.encode() for name, text in NATION.items()}
    assert load_pack(to_zip({**files, "__MACOSX/x": b"", "nation/.DS_Store": b""})).id == "nation"
