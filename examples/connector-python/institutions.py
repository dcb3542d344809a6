"""Synthetic institutions: (request, memory) -> (step, memory).

What they play is chosen by the ending of the mobile number or of the account (docs/connectors.md,
"Test mode"). Replace this file to connect a real source that you are licensed to ask. A memory is
stored by Probity, sealed, and must never hold a password or a code.
"""

import base64
import struct
import zlib


BANKS = [
    {
        "name": "合成银行",
        "code": "SYNTH",
        "logins": [
            {
                "title": "登录名登录",
                "entry": "synth-login",
                "entry_type": "both",
                "inputs": [
                    {"name": "login_name", "label": "登录名", "desc": "登录名", "valid": "^.{4,32}$"},
                    {"name": "password", "label": "密码", "desc": "登录密码", "valid": "^.{1,64}$"},
                ],
            }
        ],
    }
]


def ask(prompt, why="first", **more):
    return {"ask": {"prompt": prompt, "why": why, **more}}


def wait(after_ms, meaning):
    return {"wait": {"after_ms": after_ms, "meaning": meaning}}


def failed(reason):
    return {"failed": {"reason": reason}}


def done(dataset):
    return {"done": {"dataset": dataset}}, None


def prompted(request, memory, right):
    """What a wrong answer, or a code to be sent again, leads to; nothing for a right answer."""
    prompt = memory.get("prompt", "sms")
    if "resend" in request["input"]:
        return ask(prompt, "resent"), memory
    answer = request["input"].get("answer", {"prompt": prompt, "value": right.get(prompt)})
    if answer["prompt"] == prompt and answer["value"] == right[prompt]:
        return None
    wrong = memory.get("wrong", 0) + 1
    if wrong >= 5:
        return failed("too_many_wrong"), None
    return ask(prompt, "wrong"), {**memory, "wrong": wrong}


def telecom(request, memory):
    ending, move = request["person"]["mobile"][-4:], next(iter(request["input"]))
    if move == "login":
        if ending == "0003":
            return failed("wrong_credentials"), None
        if ending == "0006":
            return wait(300, "collected"), {"late": True}
        if ending in ("0000", "0009"):
            return done(telecom_data(request, calls=0 if ending == "0009" else 3))
        return ask("sms"), {"prompt": "sms"}
    if move == "wake":
        if memory.get("lost"):
            return ask("sms"), {"prompt": "sms", "was_lost": True}
        return done(telecom_data(request))
    other = prompted(request, memory, {"sms": "123456", "query_password": "654321"})
    if other:
        return other
    if ending == "0002" and memory["prompt"] == "sms":
        return ask("query_password"), {"prompt": "query_password"}
    if ending == "0005" and not memory.get("was_lost"):
        return wait(300, "restarted"), {"lost": True}
    return done(telecom_data(request))


def degree(request, _):
    for ending, reason in {"@wrong": "wrong_credentials", "@down": "down"}.items():
        if (request["account"] or "").endswith(ending):
            return failed(reason), None
    is_none = (request["account"] or "").endswith("@none")
    texts = "real_name sex nation id_card academy_name academic_level major_name length_school"
    texts += " education_background learning_form series class student_number school_status"
    texts += " exam_number branch_courts education_type date_birth date_enrollment date_graduation"
    record = dict.fromkeys(texts.split(), "")
    record.update(real_name="合成", academy_name="合成大学", academic_level="本科")
    return done({"education": [] if is_none else [record]})


def ebank(request, memory):
    ending = (request["account"] or "")[-2:]
    if "login" in request["input"]:
        if ending in ("06", "07"):
            return failed("wrong_credentials" if ending == "06" else "down"), None
        if ending != "01":
            prompt = {"02": "picture", "04": "dynamic_password"}.get(ending, "sms")
            picture = {"picture": PNG} if prompt == "picture" else {}
            return ask(prompt, **picture), {"prompt": prompt}
    right = {"sms": "123456", "picture": "probity", "dynamic_password": "246810"}
    other = None if ending == "01" else prompted(request, memory, right)
    if other and "picture" in str(other[0]):
        other[0]["ask"]["picture"] = PNG
    base = {"task_id": "t", "user_id": "u", "username": "合成", "cards": []}
    base["timestamp"] = "2026-11-01 08:30:00"
    return other or done({"baseInfo": base, "cardList": []})


def telecom_data(request, calls=3):
    at, phone = "2026-11-01 08:30:00", request["person"]["mobile"]
    basic = {"update_time": at, "cell_phone": phone, "real_name": "合*", "idcard": ""}
    call = {"update_time": at, "start_time": at, "init_type": "主叫", "use_time": 61}
    call.update(place="合成市", other_cell_phone="12000000001", cell_phone=phone)
    call.update(subtotal=0.29, call_type="本地")
    line = {"basic": {**basic, "reg_time": "2016-02-29 00:00:00"}, "calls": [call] * calls}
    return {"transactions": [{**line, "smses": [], "nets": [], "transactions": []}]}


def png(width=96, height=32):
    """A grey picture; a real institution's shows a text, here it is always `probity`."""
    chunk = lambda kind, data: (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xcc" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = base64.b64encode(png()).decode()
INSTITUTIONS = {"telecom": telecom, "degree": degree, "ebank": ebank}
