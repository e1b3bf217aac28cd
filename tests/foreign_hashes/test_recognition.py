"""Hashes that other systems made are recognised, and open for their password only.

The hashes were made by the systems' own libraries: Django 5.2, PHP 8.2 (password_hash, crypt, libsodium, with what
Magento 2.4 and WordPress 6.8 do around them), the phpass class of WordPress 6.1, libpass 1.9; Drupal's and the first
phpass are the published examples of hashcat.
"""

from __future__ import annotations

import bcrypt
import pytest

from authsvc.foreign_hashes.recognition import recognised
from authsvc.foreign_hashes.rules import HashTooCostly, UnknownHash

PASSWORD = "Grüße, 1 Straße"
SALT = "abcdefghijklmnopqrstuvwxyz012345"
MADE = {
    "Shopify, bcrypt": "$2y$04$6AF7JNUDEaSW/SHCUesk1.mPMnFYkKzd0GYYPjMZFCwq994cfBZMS",
    "PHP, Argon2id": (
        "$argon2id$v=19$m=1024,t=1,p=1$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4"
    ),
    "PHP, Argon2i": (
        "$argon2i$v=19$m=1024,t=1,p=1$VEUyaDd4LlhPbjhlUGhuSg$NJVy5W5U7QE5EtFS5cYi74U21SootjFiHNNFIlnvJHQ"
    ),
    "SHA-512 crypt": (
        "$6$rounds=1000$saltsalt$"
        "yTNZ273aqAjqo6.hYbGSGBhPC1Zu9CbxHUoWkJ5t1Os/tT3is2r4/MqOmPeQnP0Z3J/5jkhIWSBeHP6vtVThW1"
    ),
    "SHA-256 crypt": "$5$rounds=1000$saltsalt$UhSxe7/R53jWtrn4QL2BML8h5a3o74qqanUmJz7aQx1",
    "Django, PBKDF2": (
        "pbkdf2_sha256$1000$nW8fUSuT5StINWpI35chxC$QkowV8Li23adb/Mwd+bixuG0TA0d/pqRjtGBun9Gyf8="
    ),
    "Django, PBKDF2 with SHA-1": (
        "pbkdf2_sha1$1000$OaaJHVWwgwY82WwKtMPqrc$/iYZRdVUoWevZ/88p8/0vr8p0wc="
    ),
    "Django, Argon2": (
        "argon2$argon2id$v=19$m=1024,t=1,p=2$b2hoVHBON2xxbTJlOTYxWTNDNTFmcw$"
        "wMWhxa3eiHZZ5ie9tMCFSI395bg+RESEv8Hl0I1DCZc"
    ),
    "Django, bcrypt of SHA-256": (
        "bcrypt_sha256$$2b$04$sgt473y4W.Q332bIh..kHex0icKkVy23lQpu/pNnaWFx0/GFvZfvG"
    ),
    "Django, bcrypt": "bcrypt$$2b$04$70oJQln0U/o9KnmMC5xEQOGdlZO2AypghK8Lv.Jdrw.Wwlcp/r2xy",
    "Django, scrypt": (
        "scrypt$1024$g1rKEvABfjdOBOkmdGXION$8$5$"
        "QC1RaZIJhnkBeQpOa1RgARYGRQMbPuVEOtZoQwhrwbdNVFo8MSW/yameURfX+gIAyuFxBaGZUFopgFFmn/B71g=="
    ),
    "Django, salted MD5": "md5$w3NpexQ35eYS9AFfU7uDSL$ba38b4577367185107c4a4a1c4f589ed",
    "WordPress, phpass": "$P$BREQK0uCi4gQ7IYQdJVG6faia/ZobM1",
    "WordPress 6.8": "$wp$2y$04$6rJA6pp68/aARDBrsOTcd.0v4yCzlvlUj0nE6QcBbNrthWdRawX7a",
    "Magento 1": f"08304672add7380ef0091e0583eeb9b0:{SALT}",
    "Magento 1 Enterprise": (
        f"51f313195829915e8b78e7719316b9e41045642f44b3a2c719c7d76cbe75f8d9:{SALT}"
    ),
    "Magento 2, MD5": f"08304672add7380ef0091e0583eeb9b0:{SALT}:0",
    "Magento 2, SHA-256": (
        f"51f313195829915e8b78e7719316b9e41045642f44b3a2c719c7d76cbe75f8d9:{SALT}:1"
    ),
    "Magento 2, Argon2id": (
        f"381b4d61726285463994d85f3ec2e5bc51a40d445260fd0265a2c0fb9e1ab502:{SALT}:2"
    ),
    "Magento 2, Argon2id with costs": (
        f"fdb791db88abf11fd0f1dfac5e536860f655f9babd3edf17360ee93f5449596e:{SALT}:3_32_2_1048576"
    ),
    "Magento 2, an upgraded MD5": (
        f"49eb27594700aabd8053216dd257625946c43b0fada378cc06af24554a8b07bf:{SALT}:0:1"
    ),
    "Magento 2, an upgraded SHA-256": (
        f"6a69b8b54278a27bdd3f2c12a885ac574c581d95c237d78cfbcd28f94c15e8f9:{SALT}:1:3_32_2_1048576"
    ),
    "Magento 2, a short salt": (
        "4e1f80e658d6dde5ba3e04faccff7338a378475f599a7da415b221a27e4e2673:abc:3_32_2_1048576"
    ),
}
PUBLISHED = {
    "Drupal 7": "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf",
    "phpass": "$P$984478476IagS59wHZvyQMArzfx58u.",
    "phpBB": "$H$984478476IagS59wHZvyQMArzfx58u.",
    "MD5": "8743b52063cd84097a65d1633f5c74f5",
    "SHA-1": "b89eaac7e61417341b710b727768294d0e6a277b",
    "LDAP, SHA-1": "{SHA}uJ6qx+YUFzQbcQtyd2gpTQ5qJ3s=",
}


@pytest.mark.parametrize(
    ("password", "text"),
    [
        *((PASSWORD, text) for text in MADE.values()),
        *(("hashcat", text) for text in PUBLISHED.values()),
    ],
    ids=[*MADE, *PUBLISHED],
)
def test_a_hash_opens_for_its_password_only(password: str, text: str) -> None:
    found = recognised(text)
    assert found.verify(password)
    assert not found.verify(password.upper())
    assert not found.verify("")


@pytest.mark.parametrize("text", MADE.values(), ids=MADE)
def test_a_decoy_is_the_same_work_and_opens_for_nobody(text: str) -> None:
    decoy = recognised(text).decoy()
    assert recognised(decoy).kind == recognised(text).kind
    assert decoy != text
    assert not recognised(decoy).verify(PASSWORD)


def test_bcrypt_reads_what_its_makers_read_of_a_long_password() -> None:
    made = bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode()
    assert recognised(made).verify("a" * 100)
    assert not recognised(made).verify("a" * 71)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "correct horse battery staple",
        "$2b$04$short",
        "$2b$99$6AF7JNUDEaSW/SHCUesk1.mPMnFYkKzd0GYYPjMZFCwq994cfBZMS",
        "$argon2id$v=19$m=1024,t=1,p=1$ZGdr",
        "scrypt$1000$salt$8$5$" + "A" * 86 + "==",
        # Costs that the standards forbid, so that no system can have made them and no library compares with them.
        "scrypt$65536$salt$1$1$" + "A" * 86 + "==",
        "$scrypt$ln=16,r=1,p=1$c2FsdHNhbHQ$eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg",
        "$argon2id$m=8,t=1,p=2$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4",
        "08304672add7380ef0091e0583eeb9b0:salt:9",
        "08304672add7380ef0091e0583eeb9b0:salt:3_32_0_1048576",
        "{SHA}not base64",
        "$S$zzzz",
        "é" * 32,
        "a" * 1_001,
    ],
)
def test_what_is_no_hash_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UnknownHash) as refused:
        recognised(text)
    assert not text or text not in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "$2b$16$6AF7JNUDEaSW/SHCUesk1.mPMnFYkKzd0GYYPjMZFCwq994cfBZMS",
        "$argon2id$v=19$m=1048577,t=1,p=1$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4",
        "$argon2id$v=19$m=1024,t=17,p=1$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4",
        "$argon2id$v=19$m=1024,t=1,p=17$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4",
        "pbkdf2_sha256$5000001$salt$QkowV8Li23adb/Mwd+bixuG0TA0d/pqRjtGBun9Gyf8=",
        "scrypt$1048576$salt$16$1$" + "A" * 86 + "==",
        "08304672add7380ef0091e0583eeb9b0:salt:3_32_2_1073741825",
        "$S$S33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf",
    ],
)
def test_a_hash_that_would_keep_a_server_busy_is_refused(text: str) -> None:
    with pytest.raises(HashTooCostly):
        recognised(text)


@pytest.mark.parametrize(
    "text",
    [
        "scrypt$32768$salt$1$1$" + "A" * 86 + "==",
        "$scrypt$ln=15,r=1,p=1$c2FsdHNhbHQ$eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg",
        "$argon2id$v=19$m=128,t=1,p=16$ZGdrOWJLVVh3Z2VtZDQuMw$PAa6vOArwKqpVD99TVvYyKWXL0xT4XdI03pRSC4Eqj4",
    ],
)
def test_the_last_cost_that_is_possible_is_compared_with(text: str) -> None:
    found = recognised(text)
    assert not found.verify(PASSWORD)
    assert recognised(found.decoy()).kind == found.kind
