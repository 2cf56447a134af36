"""Signatures in their levels, return, and the auditor's check.

A signature binds the hash of the content, the fingerprint of the rule pack, the findings left open, those waived, and the cells nobody
decided one by one. Any later change of content, and any return, ends it; it stays in the history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from assistant import __version__
from assistant.draft import Draft, Signature
from assistant.errors import InputError
from assistant.findings import Severity
from assistant.review.checking import recheck, rules_fingerprint
from assistant.review.history import Hand, chain_problems, code_of, content_hash, pending, record, short_code, spelled
from assistant.review.standing import Standing, decided, pressing, signatures, with_status
from assistant.taxonomy import OPEN_VALUE

ROLES = ("编制人", "科室负责人", "单位负责人")


def next_role(draft: Draft) -> str | None:
    """The level whose turn it is to sign, None when all have."""
    there = signatures(draft)
    return next((role for role in ROLES if role not in there), None)


def obstacles(draft: Draft, role: str) -> list[str]:
    """What speaks against signing now, as Chinese sentences: open and undecided cells, errors, levels passed over."""
    standing = Standing(draft)
    found = []
    open_cells = [cell for cell in standing.cells if cell.open]
    if open_cells:
        found.append(f"{len(open_cells)}格待核实：{_listed([cell.label for cell in open_cells])}")
    rest = [cell for cell in standing.undecided if not cell.open]
    if rest:
        found.append(f"{len(rest)}格未定：{_listed([cell.label for cell in rest])}")
    errors = [finding for finding in draft.findings if pressing(finding, Severity.ERROR) and OPEN_VALUE not in _text(draft, finding.cell)]
    if errors:
        found.append(f"{len(errors)}个错误未改也未豁免：{_listed([finding.message.rstrip('。') for finding in errors])}")
    there = signatures(draft)
    missing = [each for each in ROLES[: ROLES.index(role)] if each not in there]
    if missing:
        found.append(f"{'、'.join(missing)}尚未签字")
    return found


def sign(draft: Draft, hand: Hand, *, role: str | None = None, reason: str | None = None) -> Draft:
    """Sign the table as it stands. The role is the next one when not named.

    InputError when something speaks against it and no reason is given (with one, both are on record), for an unknown role, or one
    that has signed already.
    """
    there = signatures(draft)
    chosen = role or next_role(draft)
    if chosen is None:
        raise InputError("各级都已签字。", "用 assistant review 草稿.json --verify 核验签字。")
    if chosen not in ROLES:
        raise InputError(f"没有“{chosen}”这一级。", f"可用的级别：{'、'.join(ROLES)}。")
    if chosen in there:
        raise InputError(f"{chosen}{there[chosen].person}已于{there[chosen].time}签字。", "内容未变，无需重签；内容修改后签字自动失效。")
    # The next level signs what the one before saw; a rule pack that changed in between must not end its signature.
    earlier = next(iter(there.values()), None)
    checked = draft if earlier else recheck(draft, hand.now)
    against = obstacles(checked, chosen)
    if against and not (reason or "").strip():
        raise InputError(
            "还不能签字：" + "；".join(against) + "。",
            "请先逐项处理；确需带着这些问题签字的，请写明理由（--reason 理由），理由会记入签字。",
        )
    raw = checked.model_dump(mode="json", by_alias=True)
    standing = Standing(checked)
    signature = Signature(
        content=content_hash(raw),
        rules=earlier.signature.rules if earlier and earlier.signature else rules_fingerprint(),
        version=__version__,
        open=tuple(_named(finding.code, finding.cell) for finding in checked.findings if pressing(finding, Severity.INFO)),
        waived=tuple(_named(finding.code, finding.cell) for finding in checked.findings if finding.waived),
        undecided=tuple(cell.address for cell in standing.undecided),
    )
    why = f"{reason}（{'；'.join(against)}）" if against else None
    return with_status(record(checked, pending(checked, hand, action="sign", role=chosen, reason=why, signature=signature)))


def send_back(draft: Draft, hand: Hand, *, reason: str, role: str | None = None) -> Draft:
    """Return the table to whoever prepared it; every signature ends. InputError without a reason."""
    if not reason.strip():
        raise InputError("退回要写明原因。", "例如 --return 满意度指标值缺少依据。")
    if role is not None and role not in ROLES:
        raise InputError(f"没有“{role}”这一级。", f"可用的级别：{'、'.join(ROLES)}。")
    return with_status(record(draft, pending(draft, hand, action="return", role=role or next_role(draft), reason=reason)))


def adopt(draft: Draft, hand: Hand, *, reason: str) -> Draft:
    """Take over content that was changed outside the review: decisions and signatures end, the chain goes on."""
    if not reason.strip():
        raise InputError("接收外部改动要写明原因。", "例如 --adopt 财政局统一改了表名。")
    checked = recheck(draft, hand.now)
    return with_status(record(checked, pending(checked, hand, action="adopt", reason=reason)))


@dataclass(frozen=True, slots=True)
class SignatureView:
    """A signature as an auditor sees it."""

    role: str
    person: str
    time: str
    in_force: bool
    open: tuple[str, ...]
    waived: tuple[str, ...]
    undecided: tuple[str, ...]
    rules: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The auditor's answer. ``ok`` = whole and signed; ``intact`` = whole; ``code`` is the short code of the newest entry."""

    intact: bool
    problems: tuple[str, ...]
    notices: tuple[str, ...]
    signatures: tuple[SignatureView, ...]
    entries: int
    code: str

    @property
    def ok(self) -> bool:
        """Whether the file is whole and bears a signature in force."""
        return self.intact and any(each.in_force for each in self.signatures)


def verify(data: bytes, *, now: str, code: str | None = None) -> Verification:
    """Check a draft file byte by byte: spelling, chain, content, status, signatures; with ``code`` also against a printed code.

    Never raises for a damaged file: what is wrong is in ``problems``.
    """
    try:
        text = data.decode("utf-8-sig")
        raw = json.loads(text)
        draft = Draft.model_validate(raw)
        problems = chain_problems(raw)
        whole = spelled(raw)
    except (ValueError, RecursionError, InputError) as error:
        return Verification(False, (f"文件已损坏，读不出草稿：{_first_line(error)}",), (), (), 0, "")
    if not draft.history:
        return Verification(False, ("没有任何审核记录：尚未审核，或记录被整体删除。",), (), (), 0, "")
    if not problems and text.replace("\r\n", "\n").rstrip("\n") != whole.rstrip("\n"):
        problems.append("文件不是本程序写出的原样：排版、转义或重复的键被改动过。")
    if draft.status != with_status(draft).status:
        problems.append(f"状态“{draft.status}”与审核记录不符。")
    problems.extend(_signature_problems(draft))
    if code is not None and _bare(code) not in {_bare(short_code(entry.hash)) for entry in draft.history} | {entry.hash for entry in draft.history}:
        problems.append(f"审核记录中没有校验码 {code}：这不是当时签字的文件，或其后的记录被删除。")
    return Verification(
        not problems, tuple(problems), tuple(_notices(draft, now)), _signature_views(draft, whole=not problems), len(draft.history), code_of(draft)
    )


def signed_table(draft: Draft) -> tuple[str, ...]:
    """Who signed the content as it stands, level by level (``编制人 王会计``); empty when nobody did or it was changed since."""
    raw = draft.model_dump(mode="json", by_alias=True)
    return tuple(f"{role} {entry.person}" for role, entry in signatures(draft).items() if entry.signature and entry.signature.content == content_hash(raw))


def _signature_problems(draft: Draft) -> list[str]:
    return [
        f"第{entry.n}条签字（{entry.person}）绑定的内容与该条记录不一致。"
        for entry in draft.history
        if entry.action == "sign" and (entry.signature is None or entry.signature.content != entry.content or entry.role not in ROLES)
    ]


def _notices(draft: Draft, now: str) -> list[str]:
    found = []
    valid = signatures(draft)
    if not valid:
        found.append("没有有效的签字。")
    for entry in draft.history:
        if entry.action == "adopt":
            found.append(f"第{entry.n}条：{entry.person}接收了审核之外的改动（{entry.reason}）。")
    for waiver in decided(draft.history).waivers:
        if not waiver.in_force(now):
            found.append(f"对 {_named(waiver.code, waiver.cell)} 的豁免已于{waiver.entry.until}到期。")
    for role, entry in valid.items():
        if entry.signature and entry.signature.rules != rules_fingerprint():
            found.append(f"{role}签字时的规则包（{entry.signature.rules}）与现在的（{rules_fingerprint()}）不同。")
    people = [entry.person for entry in valid.values()]
    if len(set(people)) < len(people):
        found.append("同一人签了不止一级。")
    return found


def _signature_views(draft: Draft, *, whole: bool) -> tuple[SignatureView, ...]:
    valid = {entry.n for entry in signatures(draft).values()} if whole else set()
    return tuple(
        SignatureView(
            role=entry.role or "",
            person=entry.person,
            time=entry.time,
            in_force=entry.n in valid,
            open=entry.signature.open,
            waived=entry.signature.waived,
            undecided=entry.signature.undecided,
            rules=entry.signature.rules,
            reason=entry.reason,
        )
        for entry in draft.history
        if entry.action == "sign" and entry.signature
    )


def _named(code: str, cell: str | None) -> str:
    return f"{code}@{cell}" if cell else code


def _text(draft: Draft, cell: str | None) -> str:
    try:
        return draft.table.text(cell) if cell else ""
    except KeyError:
        return ""


def _listed(items: list[str], most: int = 3) -> str:
    return "、".join(items[:most]) + ("等" if len(items) > most else "")


def _bare(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
