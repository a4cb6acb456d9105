"""Every context string that separates one use of a key or a hash from another.

All are unique and none is a prefix of another (tests/party/test_labels.py), so that bytes made for one use can never
be read as bytes made for a second. DSSE payload types separate signatures; the others separate hashes and derivations.
"""

RECORD = "application/vnd.amanat.record.v1"
MANIFEST = "application/vnd.amanat.manifest.v1+json"
LEXICON = "application/vnd.amanat.lexicon.v1+json"
COMPACT = "application/vnd.amanat.compact.v1+toml"
ACT = "application/vnd.amanat.act.v1+json"
REFUSAL = "application/vnd.amanat.refusal.v1+json"
HEARTBEAT = "application/vnd.amanat.heartbeat.v1+json"
HOLDING = "application/vnd.amanat.holding.v1+json"
MIRRORED = "application/vnd.amanat.mirrored.v1+json"
ENDING = "application/vnd.amanat.ending.v1+json"
ASKING = "application/vnd.amanat.asking.v1+json"

KEY_ID = b"amanat/key-id/v1\n"
FINGERPRINT = b"amanat/fingerprint/v1\n"
KEY_FILE = b"amanat/key-file/v1\n"
WRAP = b"amanat/wrap/v1\n"
CONTENT_KEY = b"amanat/content-key/v1\n"
COMMITMENT = b"amanat/commitment/v1\n"
ATTACHMENT_KEY = b"amanat/attachment-key/v1\n"
ATTACHMENT_ADDRESS = b"amanat/attachment-address/v1\n"
AUDIT_ROW = b"amanat/audit-row/v1\n"
AGAIN = b"amanat/again/v1\n"
FACTOR_KEY = b"amanat/factor-key/v1\n"
FACTOR_SECRET = b"amanat/factor-secret/v1\n"
FACTOR_OFFERED = b"amanat/factor-offered/v1\n"
RECOVERY_CODE = b"amanat/recovery-code/v1\n"
BACKUP_WRAP = b"amanat/backup-wrap/v1\n"
BACKUP_KEY = b"amanat/backup-key/v1\n"
