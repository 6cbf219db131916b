-- The first shape of the database. One file per profile; see docs/architecture.md section 3.
-- Times ending in _s are UTC seconds (integers), those ending in _t are UTC seconds with a fraction.
-- [keep] marks what no provider can give back: drafts, outbox, states, tags, notes, feed reviews.

CREATE TABLE account (                                    -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL COLLATE NOCASE,
  provider TEXT NOT NULL,
  settings TEXT NOT NULL DEFAULT '{}',                    -- JSON object of strings; never a secret
  secret_keys TEXT NOT NULL DEFAULT '[]',                 -- JSON list of names
  state TEXT NOT NULL DEFAULT 'never-synced',
  position INTEGER NOT NULL DEFAULT 0,
  colour INTEGER NOT NULL DEFAULT 1,
  created_s INTEGER NOT NULL,
  last_success_s INTEGER,
  last_attempt_s INTEGER,
  last_error_kind TEXT,
  last_error TEXT,
  token_expires_s INTEGER,
  pace TEXT NOT NULL DEFAULT '[]',                        -- times of the last calls, so that limits survive a restart
  removed_s INTEGER                                       -- taken away, its reviews kept: its name is free again
) STRICT;
CREATE UNIQUE INDEX account_name ON account(name) WHERE removed_s IS NULL;

CREATE TABLE sync_cursor (
  account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  cursor TEXT NOT NULL DEFAULT '{}',
  updated_s INTEGER NOT NULL
) STRICT;

-- The id is the order: created second << 20 | sequence. Never reused, never changed.
CREATE TABLE review (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  native_id TEXT NOT NULL,
  score REAL,
  score_min REAL NOT NULL DEFAULT 1,
  score_max REAL NOT NULL DEFAULT 5,
  score100 INTEGER,
  stars REAL,                                             -- brought to the scale of five, for stars:
  author_name TEXT,
  author_username TEXT,
  author_email TEXT,
  author_id TEXT,
  product_sku TEXT,
  product_name TEXT,
  product_id TEXT,
  order_id TEXT,
  reference TEXT,
  language TEXT,
  source TEXT,
  created_s INTEGER NOT NULL,
  updated_s INTEGER,
  arrived_s INTEGER NOT NULL,
  provider_state TEXT NOT NULL DEFAULT 'published',
  work_state TEXT NOT NULL DEFAULT 'new',                 -- [keep]
  snooze_until_s INTEGER,                                 -- [keep]
  owner TEXT,                                             -- [keep]
  unread INTEGER NOT NULL DEFAULT 1,                      -- [keep]
  starred INTEGER NOT NULL DEFAULT 0,                     -- [keep]
  edited INTEGER NOT NULL DEFAULT 0,
  reply_mark TEXT NOT NULL DEFAULT 'none',
  reply_s INTEGER,
  has_text INTEGER NOT NULL DEFAULT 0,
  photos INTEGER NOT NULL DEFAULT 0,
  has_draft INTEGER NOT NULL DEFAULT 0,
  has_note INTEGER NOT NULL DEFAULT 0,
  tag_names TEXT NOT NULL DEFAULT '',                     -- newline separated copy of the tags, for painting
  snippet TEXT NOT NULL DEFAULT '',
  thread_id TEXT,
  twin_of INTEGER,
  content_hash BLOB NOT NULL,                             -- of everything the provider gave: unchanged rows are recognised by it
  thread_hash BLOB,                                       -- the same for the conversation as last read; NULL: never read
  UNIQUE (account_id, kind, native_id)
) STRICT;

CREATE INDEX review_state ON review(work_state, id);
CREATE INDEX review_account ON review(account_id, id);
CREATE INDEX review_account_state ON review(account_id, work_state, id);
CREATE INDEX review_stars ON review(stars, id);
CREATE INDEX review_language ON review(language, id);
-- Each holds its column too, so that it answers without a look at the row.
CREATE INDEX review_unread ON review(id, unread) WHERE unread = 1;
CREATE INDEX review_starred ON review(id, starred) WHERE starred = 1;
CREATE INDEX review_edited ON review(id, edited) WHERE edited = 1;
CREATE INDEX review_draft ON review(id, has_draft) WHERE has_draft = 1;
CREATE INDEX review_order ON review(order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX review_sku ON review(product_sku COLLATE NOCASE, id) WHERE product_sku IS NOT NULL;
CREATE INDEX review_email ON review(author_email COLLATE NOCASE, id) WHERE author_email IS NOT NULL;
CREATE INDEX review_owner ON review(owner, id) WHERE owner IS NOT NULL;
CREATE INDEX review_snooze ON review(snooze_until_s) WHERE snooze_until_s IS NOT NULL;
CREATE INDEX review_provider_state ON review(provider_state, id) WHERE provider_state <> 'published';
CREATE INDEX review_source ON review(source, id) WHERE source IS NOT NULL;
CREATE INDEX review_photo ON review(id, photos) WHERE photos > 0;
CREATE INDEX review_note ON review(id, has_note) WHERE has_note = 1;
CREATE INDEX review_twin ON review(id, twin_of) WHERE twin_of IS NOT NULL;
-- The inbox without a filter, read without touching the rows.
CREATE INDEX review_shown ON review(id, work_state, twin_of) WHERE work_state <> 'removed' AND twin_of IS NULL;

-- The long texts, apart from the row, so that filters never read them.
CREATE TABLE review_text (
  review_id INTEGER PRIMARY KEY REFERENCES review(id) ON DELETE CASCADE,
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  details TEXT NOT NULL DEFAULT '{}',                     -- JSON: product, sub_scores, attachments, facts, private_facts, url, source_id
  raw TEXT NOT NULL DEFAULT ''                            -- the record as received
) STRICT;

CREATE TABLE conversation (
  review_id INTEGER PRIMARY KEY REFERENCES review(id) ON DELETE CASCADE,
  native_id TEXT,
  state TEXT,
  read_s INTEGER NOT NULL
) STRICT;

CREATE TABLE comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  native_id TEXT,
  position INTEGER NOT NULL,
  author TEXT,
  author_id TEXT,
  role TEXT NOT NULL,
  text TEXT NOT NULL,
  created_s INTEGER,
  updated_s INTEGER,
  state TEXT NOT NULL DEFAULT 'published',
  outbox_id INTEGER                                       -- which item of ours this is; NULL: written elsewhere
) STRICT;
CREATE INDEX comment_review ON comment(review_id, position);

CREATE TABLE comment_version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  native_id TEXT,
  at_s INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX comment_version_review ON comment_version(review_id, id);

CREATE TABLE version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  at_s INTEGER,
  score REAL,
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX version_review ON version(review_id, id);

CREATE TABLE tag (                                        -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  colour INTEGER NOT NULL DEFAULT 1,
  public INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE review_tag (                                 -- [keep]
  tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  PRIMARY KEY (tag_id, review_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_tag_review ON review_tag(review_id);

CREATE TABLE note (                                       -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX note_review ON note(review_id, id);

-- Drafts hold no foreign key: they outlive their review and every clean-up.
CREATE TABLE draft (                                      -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL,
  target TEXT NOT NULL,
  text TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  seen TEXT NOT NULL DEFAULT '{}',
  updated_t REAL NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE (review_id, target)
) STRICT;

CREATE TABLE draft_version (                              -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL,
  target TEXT NOT NULL,
  at_t REAL NOT NULL,
  text TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX draft_version_review ON draft_version(review_id, target, id);

CREATE TABLE outbox (                                     -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE RESTRICT,
  review_id INTEGER,
  target TEXT NOT NULL,
  text TEXT NOT NULL,
  payload TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,
  created_t REAL NOT NULL,
  not_before_t REAL NOT NULL,
  scheduled_t REAL,
  attempts INTEGER NOT NULL DEFAULT 0,
  absences INTEGER NOT NULL DEFAULT 0,
  sending_since_t REAL,
  seen TEXT NOT NULL DEFAULT '{}',
  baseline TEXT,
  progress TEXT NOT NULL DEFAULT '{}',
  remote_id TEXT,
  error_kind TEXT,
  error TEXT,
  override INTEGER NOT NULL DEFAULT 0,
  finished_t REAL,
  sender TEXT,                                            -- which process has it in hand; see store/outbox.py
  settled INTEGER NOT NULL DEFAULT 0,                     -- its effect was seen in the conversation, or can't be
  checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox(state, not_before_t);
CREATE INDEX outbox_review ON outbox(review_id, id);
CREATE UNIQUE INDEX outbox_one_live ON outbox(review_id, target, kind)
  WHERE state IN ('waiting', 'sending', 'verifying', 'held') AND review_id IS NOT NULL;

CREATE TABLE journal (                                    -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_s INTEGER NOT NULL,
  account_id INTEGER,
  outbox_id INTEGER,
  review_id INTEGER,
  action TEXT NOT NULL,
  result TEXT NOT NULL,
  answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journal_outbox ON journal(outbox_id);

CREATE TABLE rejected (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL,
  digest BLOB NOT NULL,
  first_s INTEGER NOT NULL,
  last_s INTEGER NOT NULL,
  UNIQUE (account_id, digest)
) STRICT;

CREATE TABLE saved_view (                                 -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  query TEXT NOT NULL,
  icon TEXT NOT NULL DEFAULT 'bookmark-simple',
  position INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE saved_reply (                                -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder TEXT NOT NULL DEFAULT '' COLLATE NOCASE,         -- 'Delivery/Late': folders within folders
  name TEXT NOT NULL COLLATE NOCASE,
  used INTEGER NOT NULL DEFAULT 0,
  used_s INTEGER,
  UNIQUE (folder, name)
) STRICT;

CREATE TABLE saved_reply_text (                           -- [keep] one row per language; '' is for any
  reply_id INTEGER NOT NULL REFERENCES saved_reply(id) ON DELETE CASCADE,
  language TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  PRIMARY KEY (reply_id, language)
) STRICT;

-- What a person did on this machine, as changesets (store/undo.py): every step can be taken back, also after a restart.
CREATE TABLE undo_step (                                  -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_s INTEGER NOT NULL,
  kind TEXT NOT NULL,
  n INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  changes BLOB NOT NULL,                                  -- of SQLite's session extension, compressed
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Steps that hold the words of a note leave with the note's review.
CREATE TABLE undo_note (                                  -- [keep]
  step_id INTEGER NOT NULL REFERENCES undo_step(id) ON DELETE CASCADE,
  review_id INTEGER NOT NULL,
  PRIMARY KEY (step_id, review_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX undo_note_review ON undo_note(review_id);
CREATE TRIGGER undo_note_gone AFTER DELETE ON review BEGIN
  DELETE FROM undo_step WHERE id IN (SELECT step_id FROM undo_note WHERE review_id = old.id);
END;

CREATE TABLE setting (                                    -- [keep] preferences of this profile; never a secret
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts of the sidebar, kept by triggers: never counted.
CREATE TABLE tally (
  account_id INTEGER NOT NULL,
  work_state TEXT NOT NULL,
  n INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, work_state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tally_insert AFTER INSERT ON review WHEN new.twin_of IS NULL BEGIN
  INSERT INTO tally(account_id, work_state, n, unread) VALUES (new.account_id, new.work_state, 1, new.unread)
    ON CONFLICT DO UPDATE SET n = n + 1, unread = unread + new.unread;
END;
CREATE TRIGGER tally_delete AFTER DELETE ON review WHEN old.twin_of IS NULL BEGIN
  UPDATE tally SET n = n - 1, unread = unread - old.unread
    WHERE account_id = old.account_id AND work_state = old.work_state;
END;
CREATE TRIGGER tally_update AFTER UPDATE OF account_id, work_state, unread, twin_of ON review
  WHEN old.account_id <> new.account_id OR old.work_state <> new.work_state OR old.unread <> new.unread
    OR old.twin_of IS NOT new.twin_of BEGIN
  UPDATE tally SET n = n - 1, unread = unread - old.unread
    WHERE account_id = old.account_id AND work_state = old.work_state AND old.twin_of IS NULL;
  INSERT INTO tally(account_id, work_state, n, unread)
    SELECT new.account_id, new.work_state, 1, new.unread WHERE new.twin_of IS NULL
    ON CONFLICT DO UPDATE SET n = n + 1, unread = unread + new.unread;
END;

-- The search index. Contentless with real deletes: a row is replaced by rowid alone, so indexing can be put off
-- to small batches between a person's actions (index_queue) and can never disagree with what was indexed before
-- (ADR 0003). East Asian and Thai characters are set apart with blanks before they come here.
CREATE VIRTUAL TABLE review_fts USING fts5(
  title, body, author, product, orders, replies, notes,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- Segments are merged in small steps between a person's actions (store/search_index.py), never inside a commit.
INSERT INTO review_fts(review_fts, rank) VALUES ('automerge', 0);
INSERT INTO review_fts(review_fts, rank) VALUES ('crisismerge', 1999);
INSERT INTO review_fts(review_fts, rank) VALUES ('usermerge', 4);

CREATE TABLE index_queue (
  review_id INTEGER PRIMARY KEY
) STRICT;

-- A row that leaves (retention, a removed account) leaves the index in the same moment, so that counts may trust the
-- index; it is queued as well, because its words go from the file when segments are merged next.
CREATE TRIGGER review_gone AFTER DELETE ON review BEGIN
  DELETE FROM review_fts WHERE rowid = old.id;
  INSERT INTO index_queue(review_id) VALUES (old.id) ON CONFLICT DO NOTHING;
END;
