-- index account_name
CREATE UNIQUE INDEX account_name ON account(name) WHERE removed_s IS NULL;
-- index comment_review
CREATE INDEX comment_review ON comment(review_id, position);
-- index comment_version_review
CREATE INDEX comment_version_review ON comment_version(review_id, id);
-- index draft_version_review
CREATE INDEX draft_version_review ON draft_version(review_id, target, id);
-- index invitation_account
CREATE INDEX invitation_account ON invitation(account_id, id);
-- index invitation_order
CREATE INDEX invitation_order ON invitation(order_id, id) WHERE order_id <> '';
-- index invitation_outbox
CREATE INDEX invitation_outbox ON invitation(outbox_id) WHERE outbox_id IS NOT NULL;
-- index invitation_person
CREATE INDEX invitation_person ON invitation(person, order_id);
-- index invitation_row
CREATE INDEX invitation_row ON invitation(run_id, run_row) WHERE run_id IS NOT NULL;
-- index invitation_withdrawal
CREATE INDEX invitation_withdrawal ON invitation(withdrawal_id) WHERE withdrawal_id IS NOT NULL;
-- index journal_outbox
CREATE INDEX journal_outbox ON journal(outbox_id);
-- index listing_empty
CREATE INDEX listing_empty ON listing(id) WHERE reviews <= 0 AND by_hand = 0 AND catalogue_s IS NULL;
-- index listing_key_listing
CREATE INDEX listing_key_listing ON listing_key(listing_id);
-- index listing_product
CREATE INDEX listing_product ON listing(product_id);
-- index listing_unseen
CREATE INDEX listing_unseen ON listing(id) WHERE seen = 0;
-- index message_draft_version_person
CREATE INDEX message_draft_version_person ON message_draft_version(account_id, person, id);
-- index message_person
CREATE INDEX message_person ON message(account_id, person, created_s);
-- index message_review
CREATE INDEX message_review ON message(review_id, created_s) WHERE review_id IS NOT NULL;
-- index message_waits
CREATE INDEX message_waits ON message(account_id, review_no) WHERE review_id IS NULL AND review_no IS NOT NULL;
-- index note_review
CREATE INDEX note_review ON note(review_id, id);
-- index outbox_due
CREATE INDEX outbox_due ON outbox(state, not_before_t);
-- index outbox_letters
CREATE INDEX outbox_letters ON outbox(account_id, json_extract(payload, '$.username'))
  WHERE review_id IS NULL AND kind = 'message';
-- index outbox_one_live
CREATE UNIQUE INDEX outbox_one_live ON outbox(review_id, target, kind)
  WHERE state IN ('waiting', 'sending', 'verifying', 'held') AND review_id IS NOT NULL;
-- index outbox_one_message
CREATE UNIQUE INDEX outbox_one_message ON outbox(account_id, json_extract(payload, '$.username'))
  WHERE state IN ('waiting', 'sending', 'verifying', 'held') AND review_id IS NULL AND kind = 'message';
-- index outbox_review
CREATE INDEX outbox_review ON outbox(review_id, id);
-- index retired_name
CREATE INDEX retired_name ON retired(account_id, native_id);
-- index review_account
CREATE INDEX review_account ON review(account_id);
-- index review_answered
CREATE INDEX review_answered ON review(id, reply_mark) WHERE reply_mark IN ('elsewhere', 'ours');
-- index review_case_due
CREATE INDEX review_case_due ON review_case(follow_up_s) WHERE follow_up_s IS NOT NULL;
-- index review_draft
CREATE INDEX review_draft ON review(id, has_draft) WHERE has_draft = 1;
-- index review_edited
CREATE INDEX review_edited ON review(id, edited) WHERE edited = 1;
-- index review_email
CREATE INDEX review_email ON review(author_email COLLATE NOCASE) WHERE author_email IS NOT NULL;
-- index review_hidden
CREATE INDEX review_hidden ON review(id, hidden) WHERE hidden = 1;
-- index review_language
CREATE INDEX review_language ON review(language);
-- index review_length
CREATE INDEX review_length ON review(length);
-- index review_note
CREATE INDEX review_note ON review(id, has_note) WHERE has_note = 1;
-- index review_order
CREATE INDEX review_order ON review(order_id) WHERE order_id IS NOT NULL;
-- index review_owner
CREATE INDEX review_owner ON review(owner) WHERE owner IS NOT NULL;
-- index review_photo
CREATE INDEX review_photo ON review(id, photos) WHERE photos > 0;
-- index review_product_id
CREATE INDEX review_product_id ON review(product_id, product_sku)
  WHERE product_id IS NOT NULL AND product_sku IS NULL;
-- index review_product_name
CREATE INDEX review_product_name ON review(product_name COLLATE NOCASE, product_id, product_sku)
  WHERE product_name IS NOT NULL AND product_id IS NULL AND product_sku IS NULL;
-- index review_provider_state
CREATE INDEX review_provider_state ON review(provider_state) WHERE provider_state <> 'published';
-- index review_reference
CREATE INDEX review_reference ON review(reference) WHERE reference IS NOT NULL;
-- index review_score
CREATE INDEX review_score ON review(score100);
-- index review_shown
CREATE INDEX review_shown ON review(twin_of) WHERE work_state <> 'removed' AND twin_of IS NULL AND hidden = 0;
-- index review_sku
CREATE INDEX review_sku ON review(product_sku COLLATE NOCASE) WHERE product_sku IS NOT NULL;
-- index review_snooze
CREATE INDEX review_snooze ON review(snooze_until_s) WHERE snooze_until_s IS NOT NULL;
-- index review_source
CREATE INDEX review_source ON review(source) WHERE source IS NOT NULL;
-- index review_starred
CREATE INDEX review_starred ON review(id, starred) WHERE starred = 1;
-- index review_stars
CREATE INDEX review_stars ON review(stars);
-- index review_state
CREATE INDEX review_state ON review(work_state);
-- index review_tag_review
CREATE INDEX review_tag_review ON review_tag(review_id);
-- index review_twin
CREATE INDEX review_twin ON review(id, twin_of) WHERE twin_of IS NOT NULL;
-- index review_twin_of
CREATE INDEX review_twin_of ON review(twin_of) WHERE twin_of IS NOT NULL;
-- index review_unread
CREATE INDEX review_unread ON review(id, unread) WHERE unread = 1;
-- index review_username
CREATE INDEX review_username ON review(author_username) WHERE author_username IS NOT NULL;
-- index undo_note_review
CREATE INDEX undo_note_review ON undo_note(review_id);
-- index unlinked_invitation_of
CREATE INDEX unlinked_invitation_of ON unlinked_invitation(invitation_id);
-- index unlinked_other
CREATE INDEX unlinked_other ON unlinked(other_id);
-- index version_review
CREATE INDEX version_review ON version(review_id, id);
-- table account
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
  removed_s INTEGER,                                      -- taken away, its reviews kept: its name is free again
  replies INTEGER NOT NULL DEFAULT 1                      -- whether it can reply: decides which twin is shown
) STRICT;
-- table answered_elsewhere
CREATE TABLE answered_elsewhere (                         -- [keep]
  review_id INTEGER PRIMARY KEY REFERENCES review(id) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  text TEXT NOT NULL,
  settled_s INTEGER
) STRICT;
-- table comment
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
-- table comment_version
CREATE TABLE comment_version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  native_id TEXT,
  at_s INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
-- table conversation
CREATE TABLE conversation (
  review_id INTEGER PRIMARY KEY REFERENCES review(id) ON DELETE CASCADE,
  native_id TEXT,
  state TEXT,
  read_s INTEGER NOT NULL
) STRICT;
-- table do_not_contact
CREATE TABLE do_not_contact (                             -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  fingerprint TEXT NOT NULL UNIQUE,                       -- salted: an erased person is known again by it alone
  email TEXT,
  reason TEXT NOT NULL DEFAULT '',
  at_s INTEGER NOT NULL
) STRICT;
-- table draft
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
-- table draft_version
CREATE TABLE draft_version (                              -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL,
  target TEXT NOT NULL,
  at_t REAL NOT NULL,
  text TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT ''
) STRICT;
-- table erased
CREATE TABLE erased (                                     -- [keep] keyed hashes, never values (store/erased.py)
  digest BLOB PRIMARY KEY,
  at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- table index_queue
CREATE TABLE index_queue (
  review_id INTEGER PRIMARY KEY
) STRICT;
-- table invitation
CREATE TABLE invitation (                                 -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  outbox_id INTEGER,
  run_id INTEGER REFERENCES invitation_run(id) ON DELETE SET NULL,
  run_row INTEGER,
  way TEXT NOT NULL,
  kind TEXT NOT NULL,
  person TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  order_id TEXT NOT NULL DEFAULT '',
  order_date TEXT NOT NULL DEFAULT '',
  skus TEXT NOT NULL DEFAULT '[]',
  locale TEXT NOT NULL DEFAULT '',
  created_s INTEGER NOT NULL,
  changed_s INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  link TEXT,
  links TEXT NOT NULL DEFAULT '{}',                       -- JSON: SKU to link
  expires_s INTEGER,
  answer TEXT NOT NULL DEFAULT '{}',                      -- JSON: what else the provider said
  withdrawal_id INTEGER                                   -- the outbox item that takes it back
) STRICT;
-- table invitation_run
CREATE TABLE invitation_run (                             -- [keep] a list that was invited, or is being
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  form TEXT NOT NULL,
  digest TEXT NOT NULL,                                   -- of the list's bytes: the same list is gone on with
  sample TEXT NOT NULL DEFAULT '{}',                      -- JSON: how the rows were chosen
  source TEXT NOT NULL DEFAULT '',
  mapping TEXT NOT NULL DEFAULT '{}',                     -- JSON: field to column
  total INTEGER NOT NULL DEFAULT 0,
  at_row INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'running',
  created_s INTEGER NOT NULL,
  changed_s INTEGER NOT NULL,
  UNIQUE (account_id, form, digest, sample)
) STRICT;
-- table journal
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
-- table listing
CREATE TABLE listing (                                    -- [keep] where by_hand is set
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT '',                        -- reviews that the account collects from elsewhere
  product_id INTEGER REFERENCES product(id) ON DELETE SET NULL,   -- NULL: not matched yet
  sku TEXT,
  native_id TEXT,
  name TEXT,
  url TEXT,
  image_url TEXT,
  gtin TEXT,
  mpn TEXT,
  brand TEXT,
  category TEXT,
  example_id INTEGER,                                     -- a review that has the rest of its names
  seen INTEGER NOT NULL DEFAULT 0,                        -- its names were read and compared
  reason TEXT NOT NULL DEFAULT 'alone',
  matched TEXT NOT NULL DEFAULT '',
  by_hand INTEGER NOT NULL DEFAULT 0,                     -- a person decided; nothing moves it by itself
  catalogue_s INTEGER,                                    -- when the source's catalogue last named it
  reviews INTEGER NOT NULL DEFAULT 0,                     -- rows of any state
  n INTEGER NOT NULL DEFAULT 0,                           -- published ones
  scored INTEGER NOT NULL DEFAULT 0,
  sum100 INTEGER NOT NULL DEFAULT 0,                      -- hundredths of stars
  s1 INTEGER NOT NULL DEFAULT 0,
  s2 INTEGER NOT NULL DEFAULT 0,
  s3 INTEGER NOT NULL DEFAULT 0,
  s4 INTEGER NOT NULL DEFAULT 0,
  s5 INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account_id, key, source)
) STRICT;
-- table listing_key
CREATE TABLE listing_key (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  listing_id INTEGER NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  PRIMARY KEY (kind, value, listing_id)
) STRICT, WITHOUT ROWID;
-- table message
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  native_key TEXT NOT NULL,
  review_id INTEGER REFERENCES review(id) ON DELETE CASCADE,
  review_no TEXT,                                         -- as the provider says it; the review may come later
  person TEXT,
  ours INTEGER NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  created_s INTEGER,
  outbox_id INTEGER,                                      -- which item of ours this is
  UNIQUE (account_id, native_key)
) STRICT;
-- table message_draft
CREATE TABLE message_draft (                              -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  person TEXT NOT NULL,
  text TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  seen TEXT NOT NULL DEFAULT '{}',                        -- the messages that the author had before their eyes
  updated_t REAL NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE (account_id, person)
) STRICT;
-- table message_draft_version
CREATE TABLE message_draft_version (                      -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  person TEXT NOT NULL,
  at_t REAL NOT NULL,
  text TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT ''
) STRICT;
-- table note
CREATE TABLE note (                                       -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
-- table outbox
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
-- table product
CREATE TABLE product (
  id INTEGER PRIMARY KEY AUTOINCREMENT
) STRICT;
-- table product_summary
CREATE TABLE product_summary (
  listing_id INTEGER NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  origin TEXT NOT NULL,
  n INTEGER NOT NULL,
  mean REAL,
  spread TEXT NOT NULL DEFAULT '[]',                      -- JSON: five numbers, or none
  attributes TEXT NOT NULL DEFAULT '[]',                  -- JSON: [name, n, mean]
  read_s INTEGER NOT NULL,
  PRIMARY KEY (listing_id, origin)
) STRICT, WITHOUT ROWID;
-- table rejected
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
-- table retired
CREATE TABLE retired (                                    -- [keep] removed here by retention (store/retention.py)
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  native_id TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  thread_hash BLOB,
  at_s INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, native_id)
) STRICT, WITHOUT ROWID;
-- table review
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
  hidden INTEGER NOT NULL DEFAULT 0,                      -- [keep] taken out of every list by a person
  edited INTEGER NOT NULL DEFAULT 0,
  reply_mark TEXT NOT NULL DEFAULT 'none',
  reply_s INTEGER,
  length INTEGER NOT NULL DEFAULT 0,                      -- characters of its text; 0: it has none
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
-- table review_case
CREATE TABLE review_case (                                -- [keep]
  review_id INTEGER PRIMARY KEY REFERENCES review(id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  since_s INTEGER NOT NULL,
  follow_up_s INTEGER
) STRICT;
-- table review_fts
CREATE VIRTUAL TABLE review_fts USING fts5(
  title, body, author, product, orders, replies, notes,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- table review_fts_config
CREATE TABLE 'review_fts_config'(k PRIMARY KEY, v) WITHOUT ROWID;
-- table review_fts_data
CREATE TABLE 'review_fts_data'(id INTEGER PRIMARY KEY, block BLOB);
-- table review_fts_docsize
CREATE TABLE 'review_fts_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
-- table review_fts_idx
CREATE TABLE 'review_fts_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
-- table review_tag
CREATE TABLE review_tag (                                 -- [keep]
  tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  PRIMARY KEY (tag_id, review_id)
) STRICT, WITHOUT ROWID;
-- table review_text
CREATE TABLE review_text (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL UNIQUE REFERENCES review(id) ON DELETE CASCADE,
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  details TEXT NOT NULL DEFAULT '{}',                     -- JSON: product, sub_scores, attachments, facts, private_facts, url, source_id
  raw BLOB NOT NULL DEFAULT x''                           -- the record as received, compressed (store/records.py)
) STRICT;
-- table saved_reply
CREATE TABLE saved_reply (                                -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder TEXT NOT NULL DEFAULT '' COLLATE NOCASE,         -- 'Delivery/Late': folders within folders
  name TEXT NOT NULL COLLATE NOCASE,
  used INTEGER NOT NULL DEFAULT 0,
  used_s INTEGER,
  UNIQUE (folder, name)
) STRICT;
-- table saved_reply_text
CREATE TABLE saved_reply_text (                           -- [keep] one row per language; '' is for any
  reply_id INTEGER NOT NULL REFERENCES saved_reply(id) ON DELETE CASCADE,
  language TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  PRIMARY KEY (reply_id, language)
) STRICT;
-- table saved_view
CREATE TABLE saved_view (                                 -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  query TEXT NOT NULL,
  icon TEXT NOT NULL DEFAULT 'bookmark-simple',
  position INTEGER NOT NULL DEFAULT 0,
  notify INTEGER NOT NULL DEFAULT 0                       -- tell when something new arrives in it
) STRICT;
-- table setting
CREATE TABLE setting (                                    -- [keep] preferences of this profile; never a secret
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- table sqlite_sequence
CREATE TABLE sqlite_sequence(name,seq);
-- table sync_cursor
CREATE TABLE sync_cursor (
  account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  cursor TEXT NOT NULL DEFAULT '{}',
  updated_s INTEGER NOT NULL
) STRICT;
-- table tag
CREATE TABLE tag (                                        -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  colour INTEGER NOT NULL DEFAULT 1,
  public INTEGER NOT NULL DEFAULT 0
) STRICT;
-- table tally
CREATE TABLE tally (
  account_id INTEGER NOT NULL,
  work_state TEXT NOT NULL,
  n INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, work_state)
) STRICT, WITHOUT ROWID;
-- table undo_note
CREATE TABLE undo_note (                                  -- [keep]
  step_id INTEGER NOT NULL REFERENCES undo_step(id) ON DELETE CASCADE,
  review_id INTEGER NOT NULL,
  PRIMARY KEY (step_id, review_id)
) STRICT, WITHOUT ROWID;
-- table undo_step
CREATE TABLE undo_step (                                  -- [keep]
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_s INTEGER NOT NULL,
  kind TEXT NOT NULL,
  n INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  changes BLOB NOT NULL,                                  -- of SQLite's session extension, compressed
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;
-- table unlinked
CREATE TABLE unlinked (                                   -- [keep]
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  other_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  PRIMARY KEY (review_id, other_id)
) STRICT, WITHOUT ROWID;
-- table unlinked_invitation
CREATE TABLE unlinked_invitation (                        -- [keep]
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  invitation_id INTEGER NOT NULL REFERENCES invitation(id) ON DELETE CASCADE,
  PRIMARY KEY (review_id, invitation_id)
) STRICT, WITHOUT ROWID;
-- table version
CREATE TABLE version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
  at_s INTEGER,
  score REAL,
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT ''
) STRICT;
-- trigger listing_delete
CREATE TRIGGER listing_delete BEFORE DELETE ON review WHEN coalesce(old.product_sku, old.product_id, old.product_name) IS NOT NULL BEGIN
  UPDATE listing SET reviews = reviews - 1, n = n - was.shown, scored = listing.scored - was.scored,
      sum100 = sum100 - was.scored * was.stars100, s1 = s1 - (was.scored AND was.whole = 1),
      s2 = s2 - (was.scored AND was.whole = 2), s3 = s3 - (was.scored AND was.whole = 3),
      s4 = s4 - (was.scored AND was.whole = 4), s5 = s5 - (was.scored AND was.whole = 5)
    FROM listed AS was WHERE was.id = old.id
      AND listing.account_id = was.account_id AND listing.key = was.key AND listing.source = was.source;
END;
-- trigger listing_deleted
CREATE TRIGGER listing_deleted AFTER DELETE ON review WHEN coalesce(old.product_sku, old.product_id, old.product_name) IS NOT NULL BEGIN
  DELETE FROM listing WHERE reviews <= 0 AND by_hand = 0 AND catalogue_s IS NULL;
END;
-- trigger listing_gone
CREATE TRIGGER listing_gone AFTER DELETE ON listing WHEN old.product_id IS NOT NULL BEGIN
  DELETE FROM product WHERE id = old.product_id AND NOT EXISTS (SELECT 1 FROM listing WHERE product_id = old.product_id);
END;
-- trigger listing_insert
CREATE TRIGGER listing_insert AFTER INSERT ON review WHEN coalesce(new.product_sku, new.product_id, new.product_name) IS NOT NULL BEGIN
  INSERT INTO listing(account_id, key, source, sku, native_id, name, example_id, reviews, n, scored, sum100,
      s1, s2, s3, s4, s5)
    SELECT account_id, key, source, product_sku, product_id, product_name, id, 1, shown, scored, scored * stars100,
      scored AND whole = 1, scored AND whole = 2, scored AND whole = 3, scored AND whole = 4, scored AND whole = 5
    FROM listed WHERE id = new.id
    ON CONFLICT(account_id, key, source) DO UPDATE SET
      name = coalesce(excluded.name, name), reviews = reviews + 1, n = n + excluded.n, scored = scored + excluded.scored,
      sum100 = sum100 + excluded.sum100, s1 = s1 + excluded.s1, s2 = s2 + excluded.s2, s3 = s3 + excluded.s3,
      s4 = s4 + excluded.s4, s5 = s5 + excluded.s5;
END;
-- trigger listing_moved
CREATE TRIGGER listing_moved AFTER UPDATE OF product_id ON listing
  WHEN old.product_id IS NOT NULL AND old.product_id IS NOT new.product_id BEGIN
  DELETE FROM product WHERE id = old.product_id AND NOT EXISTS (SELECT 1 FROM listing WHERE product_id = old.product_id);
END;
-- trigger listing_update
CREATE TRIGGER listing_update BEFORE UPDATE OF account_id, source, stars, provider_state, work_state, twin_of, product_sku, product_id, product_name ON review
  WHEN coalesce(old.product_sku, old.product_id, old.product_name) IS NOT NULL AND (old.stars IS NOT new.stars OR old.provider_state <> new.provider_state
    OR (old.work_state = 'removed') <> (new.work_state = 'removed') OR old.twin_of IS NOT new.twin_of
    OR old.product_sku IS NOT new.product_sku OR old.product_id IS NOT new.product_id
    OR old.product_name IS NOT new.product_name OR old.source IS NOT new.source OR old.account_id <> new.account_id) BEGIN
  UPDATE listing SET reviews = reviews - 1, n = n - was.shown, scored = listing.scored - was.scored,
      sum100 = sum100 - was.scored * was.stars100, s1 = s1 - (was.scored AND was.whole = 1),
      s2 = s2 - (was.scored AND was.whole = 2), s3 = s3 - (was.scored AND was.whole = 3),
      s4 = s4 - (was.scored AND was.whole = 4), s5 = s5 - (was.scored AND was.whole = 5)
    FROM listed AS was WHERE was.id = old.id
      AND listing.account_id = was.account_id AND listing.key = was.key AND listing.source = was.source;
END;
-- trigger listing_updated
CREATE TRIGGER listing_updated AFTER UPDATE OF account_id, source, stars, provider_state, work_state, twin_of, product_sku, product_id, product_name ON review
  WHEN (old.stars IS NOT new.stars OR old.provider_state <> new.provider_state
    OR (old.work_state = 'removed') <> (new.work_state = 'removed') OR old.twin_of IS NOT new.twin_of
    OR old.product_sku IS NOT new.product_sku OR old.product_id IS NOT new.product_id
    OR old.product_name IS NOT new.product_name OR old.source IS NOT new.source OR old.account_id <> new.account_id) BEGIN
  INSERT INTO listing(account_id, key, source, sku, native_id, name, example_id, reviews, n, scored, sum100,
      s1, s2, s3, s4, s5)
    SELECT account_id, key, source, product_sku, product_id, product_name, id, 1, shown, scored, scored * stars100,
      scored AND whole = 1, scored AND whole = 2, scored AND whole = 3, scored AND whole = 4, scored AND whole = 5
    FROM listed WHERE id = new.id
    ON CONFLICT(account_id, key, source) DO UPDATE SET
      name = coalesce(excluded.name, name), reviews = reviews + 1, n = n + excluded.n, scored = scored + excluded.scored,
      sum100 = sum100 + excluded.sum100, s1 = s1 + excluded.s1, s2 = s2 + excluded.s2, s3 = s3 + excluded.s3,
      s4 = s4 + excluded.s4, s5 = s5 + excluded.s5;
  DELETE FROM listing WHERE reviews <= 0 AND by_hand = 0 AND catalogue_s IS NULL;
END;
-- trigger review_gone
CREATE TRIGGER review_gone AFTER DELETE ON review BEGIN
  DELETE FROM review_fts WHERE rowid = old.id;
  INSERT INTO index_queue(review_id) VALUES (old.id) ON CONFLICT DO NOTHING;
END;
-- trigger tally_delete
CREATE TRIGGER tally_delete AFTER DELETE ON review WHEN old.twin_of IS NULL AND old.hidden = 0 BEGIN
  UPDATE tally SET n = n - 1, unread = unread - old.unread
    WHERE account_id = old.account_id AND work_state = old.work_state;
END;
-- trigger tally_insert
CREATE TRIGGER tally_insert AFTER INSERT ON review WHEN new.twin_of IS NULL AND new.hidden = 0 BEGIN
  INSERT INTO tally(account_id, work_state, n, unread) VALUES (new.account_id, new.work_state, 1, new.unread)
    ON CONFLICT DO UPDATE SET n = n + 1, unread = unread + new.unread;
END;
-- trigger tally_update
CREATE TRIGGER tally_update AFTER UPDATE OF account_id, work_state, unread, twin_of, hidden ON review
  WHEN old.account_id <> new.account_id OR old.work_state <> new.work_state OR old.unread <> new.unread
    OR old.twin_of IS NOT new.twin_of OR old.hidden <> new.hidden BEGIN
  UPDATE tally SET n = n - 1, unread = unread - old.unread
    WHERE account_id = old.account_id AND work_state = old.work_state AND old.twin_of IS NULL AND old.hidden = 0;
  INSERT INTO tally(account_id, work_state, n, unread)
    SELECT new.account_id, new.work_state, 1, new.unread WHERE new.twin_of IS NULL AND new.hidden = 0
    ON CONFLICT DO UPDATE SET n = n + 1, unread = unread + new.unread;
END;
-- trigger twin_gone
CREATE TRIGGER twin_gone AFTER DELETE ON review BEGIN
  UPDATE review SET twin_of = NULL WHERE twin_of = old.id;
END;
-- trigger undo_note_gone
CREATE TRIGGER undo_note_gone AFTER DELETE ON review BEGIN
  DELETE FROM undo_step WHERE id IN (SELECT step_id FROM undo_note WHERE review_id = old.id);
END;
-- view listed
CREATE VIEW listed AS SELECT id, account_id, coalesce(source, '') AS source, product_sku, product_id, product_name,
    CASE WHEN trim(coalesce(product_sku, '')) <> '' THEN 's:' || lower(trim(product_sku))
      WHEN coalesce(product_id, '') <> '' THEN 'i:' || product_id
      ELSE 'n:' || lower(product_name) END AS key,
    provider_state = 'published' AND work_state <> 'removed' AND twin_of IS NULL AS shown,
    provider_state = 'published' AND work_state <> 'removed' AND twin_of IS NULL AND stars IS NOT NULL AS scored,
    CAST(round(100 * coalesce(stars, 0)) AS INTEGER) AS stars100,
    min(5, max(1, CAST(round(coalesce(stars, 0)) AS INTEGER))) AS whole
  FROM review WHERE coalesce(product_sku, '') || coalesce(product_id, '') || coalesce(product_name, '') <> '';
