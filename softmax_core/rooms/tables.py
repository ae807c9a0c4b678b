"""The tables of the rooms. Times are UTC seconds; what a person gave is text, bounded by `limits`.

Every change to a room raises its `version` first and stores it with what it changed: the lock on
that row puts all changes of a room in one order, so whoever asks for what is newer than a version
misses nothing.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Identity = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only

room = Table(
    "room",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("classes", Text, nullable=False),  # JSON, a list of names
    Column("preparation", String(16), nullable=False),
    Column("stage", String(8), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("drawings", Integer, nullable=False),  # rows that it has, hidden ones included
    Column("bytes", BigInteger, nullable=False),  # of their strokes
    Column("salt", LargeBinary(16), nullable=False),
    Column("key_hash", LargeBinary(32), nullable=False),
    Column("created", Float, nullable=False),
)

drawing = Table(
    "drawing",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("room_id", ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
    Column("token", String(64), nullable=False),  # what the drawing names itself
    Column("version", BigInteger, nullable=False),  # of the room, when it last changed
    Column("grid", String(16), nullable=False),  # 64 bits as hex
    Column("label", Integer, nullable=False),  # the index of its class
    Column("contributor", String(64), nullable=False),  # a hash of the browser's random number
    Column("nickname", Text),
    Column("strokes", Text, nullable=False),  # JSON
    Column("purpose", String(8), nullable=False),  # "training" or "test"
    Column("predicted", Integer),  # of a test: what the room's model said
    Column("hidden", String(12)),  # by whom, of records.HIDDEN_BY
    Column("created", Float, nullable=False),
    UniqueConstraint("room_id", "token"),
    Index(None, "room_id", "version"),
    Index(None, "room_id", "contributor", "created"),
)

model = Table(
    "model",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("room_id", ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("weights", LargeBinary, nullable=False),  # the NPZ file of the model
    Column("about", Text, nullable=False),  # JSON: on what it was trained, and how well it does
    Column("created", Float, nullable=False),
    Index(None, "room_id", "version"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("what", String(40), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("n", Integer, nullable=False),
)
