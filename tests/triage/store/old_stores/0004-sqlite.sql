CREATE TABLE triage_store_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT triage_store_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE clusters (
	id TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	merged_into TEXT,
	CONSTRAINT pk_clusters PRIMARY KEY (id),
	CONSTRAINT fk_clusters_merged_into FOREIGN KEY(merged_into) REFERENCES clusters (id)
);
CREATE TABLE alerts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL,
	content_sha256 TEXT NOT NULL,
	text TEXT NOT NULL,
	lat DOUBLE,
	lon DOUBLE,
	created_at DATETIME NOT NULL,
	received_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	category_hint TEXT,
	category TEXT,
	department TEXT,
	priority TEXT,
	decision TEXT NOT NULL,
	reasons JSON NOT NULL,
	photos JSON NOT NULL,
	plates JSON NOT NULL,
	vector_version TEXT NOT NULL,
	state TEXT NOT NULL,
	closed_at DATETIME,
	cluster_id TEXT,
	covered_by TEXT,
	recurrence_of TEXT, queue TEXT, queue_rank DOUBLE, language TEXT,
	CONSTRAINT uq_alerts_id UNIQUE (id),
	CONSTRAINT fk_alerts_cluster_id FOREIGN KEY(cluster_id) REFERENCES clusters (id),
	CONSTRAINT fk_alerts_covered_by FOREIGN KEY(covered_by) REFERENCES alerts (id) ON DELETE SET NULL,
	CONSTRAINT fk_alerts_recurrence_of FOREIGN KEY(recurrence_of) REFERENCES alerts (id) ON DELETE SET NULL
);
CREATE TABLE vectors (
	alert_seq INTEGER NOT NULL,
	body BLOB NOT NULL,
	CONSTRAINT pk_vectors PRIMARY KEY (alert_seq),
	CONSTRAINT fk_vectors_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE originals (
	alert_seq INTEGER NOT NULL,
	token BLOB NOT NULL,
	CONSTRAINT pk_originals PRIMARY KEY (alert_seq),
	CONSTRAINT fk_originals_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE predictions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_seq INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	body JSON NOT NULL,
	CONSTRAINT fk_predictions_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE reviews (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_seq INTEGER NOT NULL,
	reviewer TEXT NOT NULL,
	decided_at DATETIME NOT NULL,
	category TEXT,
	department TEXT,
	priority TEXT,
	shown JSON NOT NULL, queue TEXT, action TEXT DEFAULT 'decide' NOT NULL, seconds DOUBLE, rank INTEGER, model_version TEXT, note TEXT, duplicate_of TEXT, "before" JSON, undone_at DATETIME, undone_by TEXT,
	CONSTRAINT fk_reviews_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE links (
	alert_seq INTEGER NOT NULL,
	other_seq INTEGER NOT NULL,
	kind TEXT NOT NULL,
	probability DOUBLE NOT NULL,
	distance_m DOUBLE,
	age_hours DOUBLE NOT NULL,
	evidence JSON NOT NULL,
	CONSTRAINT pk_links PRIMARY KEY (alert_seq, other_seq, kind),
	CONSTRAINT fk_links_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE,
	CONSTRAINT fk_links_other_seq FOREIGN KEY(other_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL,
	alert_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	body JSON NOT NULL,
	created_at DATETIME NOT NULL,
	sent_at DATETIME,
	failed_at DATETIME,
	attempts INTEGER NOT NULL,
	CONSTRAINT uq_events_id UNIQUE (id)
);
CREATE TABLE readings (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_id TEXT NOT NULL,
	reader TEXT NOT NULL,
	purpose TEXT NOT NULL,
	read_at DATETIME NOT NULL
);
CREATE VIRTUAL TABLE alert_places USING rtree(seq, west, east, south, north, since, until);
CREATE TABLE staff (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	display_name TEXT NOT NULL,
	role TEXT NOT NULL,
	password_hash TEXT,
	identity TEXT,
	created_at DATETIME NOT NULL,
	disabled_at DATETIME,
	CONSTRAINT uq_staff_name UNIQUE (name),
	CONSTRAINT uq_staff_identity UNIQUE (identity)
);
CREATE TABLE sessions (
	digest TEXT NOT NULL,
	staff_seq INTEGER,
	started_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	ends_at DATETIME NOT NULL,
	CONSTRAINT pk_sessions PRIMARY KEY (digest),
	CONSTRAINT fk_sessions_staff_seq FOREIGN KEY(staff_seq) REFERENCES staff (seq) ON DELETE CASCADE
);
CREATE TABLE audit (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	at DATETIME NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	details JSON NOT NULL
);
CREATE TABLE claims (
	alert_seq INTEGER NOT NULL,
	reviewer TEXT NOT NULL,
	since DATETIME NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_claims PRIMARY KEY (alert_seq),
	CONSTRAINT fk_claims_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE skips (
	alert_seq INTEGER NOT NULL,
	reviewer TEXT NOT NULL,
	at DATETIME NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_skips PRIMARY KEY (alert_seq, reviewer),
	CONSTRAINT fk_skips_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE returns (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_seq INTEGER NOT NULL,
	department TEXT NOT NULL,
	proposed TEXT,
	reason TEXT NOT NULL,
	"by" TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT fk_returns_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE notes (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_seq INTEGER NOT NULL,
	author TEXT NOT NULL,
	written_at DATETIME NOT NULL,
	text TEXT NOT NULL,
	CONSTRAINT fk_notes_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
CREATE TABLE shadow_answers (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	alert_seq INTEGER NOT NULL,
	at DATETIME NOT NULL,
	champion_sha256 TEXT NOT NULL,
	challenger_sha256 TEXT NOT NULL,
	category TEXT NOT NULL,
	differs BOOLEAN NOT NULL,
	champion JSON NOT NULL,
	challenger JSON NOT NULL,
	CONSTRAINT fk_shadow_answers_alert_seq FOREIGN KEY(alert_seq) REFERENCES alerts (seq) ON DELETE CASCADE
);
INSERT INTO triage_store_version VALUES ('0004');
INSERT INTO clusters VALUES ('f52c1d4942f04397b696afa48e60dca4', '2026-06-01 13:00:01.000000', NULL);
INSERT INTO alerts VALUES (1, 'old-1', 'digest of old-1', 'Nid-de-poule devant le 12, tél <TEL>', 47.322, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:03.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '["abababababababababababababababababababababababababababababababab"]', 'v1', 'open', NULL, 'f52c1d4942f04397b696afa48e60dca4', 'old-4', NULL, NULL, NULL, NULL);
INSERT INTO alerts VALUES (2, 'old-2', 'digest of old-2', 'Trou dans la chaussée au 12', 47.32201, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:13.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[{"key": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "held": false, "hash": 12, "embedding": "AAEC"}]', '[]', 'v1', 'open', NULL, 'f52c1d4942f04397b696afa48e60dca4', NULL, NULL, 'review', 4.5, NULL);
INSERT INTO alerts VALUES (3, 'old-3', 'digest of old-3', 'Lampadaire éteint', NULL, NULL, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:10.000000', NULL, 'feux_tricolores', 'trafic', 'haute', 'review', '["no_place"]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO alerts VALUES (4, 'old-4', 'digest of old-4', 'Toute la rue est dans le noir', 47.33, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:04.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'closed', '2026-06-02 12:00:00.000000', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO alerts VALUES (5, 'old-5', 'digest of old-5', 'Encore un trou', 47.331, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:12.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'withdrawn', NULL, NULL, NULL, 'old-4', NULL, NULL, NULL);
INSERT INTO alerts VALUES (6, 'old-6', 'digest of old-6', 'Banc cassé', 47.322, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 12:00:02.000000', NULL, 'voirie', 'voirie', 'normale', 'review', '[]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, 'review', 3.5, 'fr');
INSERT INTO alerts VALUES (7, 'old-7', 'digest of old-7', 'Sacs sur le trottoir', 47.322, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 12:00:02.000000', NULL, 'voirie', 'voirie', 'normale', 'review', '[]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, 'review', 9.5, 'fr');
INSERT INTO vectors VALUES (1, X'00ff01');
INSERT INTO vectors VALUES (2, X'00ff01');
INSERT INTO vectors VALUES (4, X'00ff01');
INSERT INTO vectors VALUES (5, X'00ff01');
INSERT INTO vectors VALUES (6, X'00ff01');
INSERT INTO vectors VALUES (7, X'00ff01');
INSERT INTO originals VALUES (1, X'674141414141427242476131724335564c304e5964423173435f70446e71465a724a68506d5977744250397230507350456467474e747657655a38526b733059643130782d3553696e4755657566774d337a5f485839696747315f48694b2d78784958384e784d38704f316264442d753434384d6b70624130542d684650466c6d65486957555f70566c416f4e597154615a6659476977314f72695f794e764562773d3d');
INSERT INTO predictions VALUES (1, 1, '2026-06-01 12:00:02.000000', '{"id": "old-1", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (2, 2, '2026-06-01 12:00:02.000000', '{"id": "old-2", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (3, 3, '2026-06-01 12:00:02.000000', '{"id": "old-3", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (4, 4, '2026-06-01 12:00:02.000000', '{"id": "old-4", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (5, 5, '2026-06-01 12:00:02.000000', '{"id": "old-5", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (6, 6, '2026-06-01 12:00:02.000000', '{"id": "old-6", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (7, 7, '2026-06-01 12:00:02.000000', '{"id": "old-7", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO reviews VALUES (1, 3, 'desk-1', '2026-06-03 12:00:00.000000', 'feux_tricolores', 'trafic', NULL, '{"duplicates": []}', NULL, 'decide', 3.5, 2, '1', 'vu sur place', NULL, '{"category": "eclairage_public", "department": "eclairage", "priority": "haute", "queue": null, "queue_rank": null}', NULL, NULL);
INSERT INTO reviews VALUES (2, 5, 'desk-1', '2026-06-03 12:00:00.000000', 'proprete', 'proprete', NULL, '{}', NULL, 'decide', NULL, NULL, NULL, NULL, NULL, '{"category": "voirie", "department": "voirie", "priority": "normale", "queue": null, "queue_rank": null}', '2026-06-04 12:00:00.000000', 'desk-1');
INSERT INTO links VALUES (2, 1, 'duplicate', 0.91, 1.1, 0.0, '[{"phrase": "within 25 m"}]');
INSERT INTO links VALUES (1, 4, 'covered_by', 1.0, 889.5606418680665, 0.0, '[]');
INSERT INTO events VALUES (1, 'c867fe3b974947f9aa2ecdb544bdbe7c', 'old-1', 'alert.received', '{"lat": 47.322, "lon": 5.0415}', '2026-06-01 13:00:00.000000', '2026-06-02 12:00:00.000000', NULL, 1);
INSERT INTO events VALUES (2, '7f90e92086e045168c98a1f0905d12ce', 'old-1', 'alert.triaged', '{"category": "voirie"}', '2026-06-01 13:00:00.000000', NULL, '2026-06-02 12:00:00.000000', 1);
INSERT INTO events VALUES (3, 'fe4e47bf7ca1421c9ba5e29b13557777', 'old-2', 'alert.received', '{}', '2026-06-01 13:00:01.000000', NULL, NULL, 0);
INSERT INTO events VALUES (4, '236b8c9938424ba0ab7eac908e81cb6f', 'old-2', 'alert.merged', '{"with": "old-1"}', '2026-06-01 13:00:01.000000', NULL, NULL, 0);
INSERT INTO events VALUES (5, '7c36ee7132314df5b783ab8c9509b5bc', 'old-3', 'alert.received', '{}', '2026-06-01 13:00:02.000000', NULL, NULL, 0);
INSERT INTO events VALUES (6, '5b909078b07449c3b2005ef34afe5b19', 'old-3', 'alert.sent_to_review', '{}', '2026-06-01 13:00:02.000000', NULL, NULL, 0);
INSERT INTO events VALUES (7, '9549d8fbf1f34df28d01eb6672bbb053', 'old-4', 'alert.received', '{}', '2026-06-01 13:00:03.000000', NULL, NULL, 0);
INSERT INTO events VALUES (8, 'ae73a0f11cc74a8dab87e98dd28bda41', 'old-4', 'alert.closed', '{}', '2026-06-02 12:00:00.000000', NULL, NULL, 0);
INSERT INTO events VALUES (9, 'ae7bccb200114784b649313418a95584', 'old-3', 'alert.reviewed', '{}', '2026-06-01 13:00:10.000000', NULL, NULL, 0);
INSERT INTO events VALUES (10, '15c844d60426458dbd70781559d987b4', 'old-2', 'alert.returned', '{}', '2026-06-01 13:00:13.000000', NULL, NULL, 0);
INSERT INTO readings VALUES (1, 'old-1', 'desk-1', 'call back', '2026-06-01 13:00:07.000000');
INSERT INTO alert_places VALUES (1, 5.041499614715576, 5.041500091552734, 47.321998596191406, 47.32200622558594, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (2, 5.041499614715576, 5.041500091552734, 47.32200622558594, 47.3220100402832, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (4, 5.041499614715576, 5.041500091552734, 47.329994201660156, 47.33000183105469, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (5, 5.041499614715576, 5.041500091552734, 47.33099365234375, 47.33100128173828, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (6, 5.041499614715576, 5.041500091552734, 47.321998596191406, 47.32200622558594, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (7, 5.041499614715576, 5.041500091552734, 47.321998596191406, 47.32200622558594, 0.6181648969650269, 0.6181650161743164);
INSERT INTO staff VALUES (1, 'desk-1', 'Desk 1', 'agent', '$argon2id$none', NULL, '2026-06-01 13:00:14.000000', NULL);
INSERT INTO sessions VALUES ('efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef', 1, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:00.000000', '2026-06-02 00:00:00.000000');
INSERT INTO audit VALUES (1, '2026-06-01 13:00:14.000000', 'command line', 'account_made', 'desk-1', '{"role": "agent"}');
INSERT INTO audit VALUES (2, '2026-06-01 12:00:00.000000', 'desk-1', 'signed_in', 'desk-1', '{}');
INSERT INTO claims VALUES (6, 'desk-1', '2026-06-01 12:00:00.000000', '2026-06-01 12:15:00.000000');
INSERT INTO returns VALUES (1, 2, 'voirie', 'eau', 'pas à nous', 'desk-1', '2026-06-03 12:00:00.000000');
INSERT INTO notes VALUES (1, 6, 'desk-1', '2026-06-03 12:00:00.000000', 'à revoir lundi');
INSERT INTO shadow_answers VALUES (1, 1, '2026-06-01 12:00:00.000000', '1111111111111111111111111111111111111111111111111111111111111111', '2222222222222222222222222222222222222222222222222222222222222222', 'voirie', 1, '{"category": {"code": "voirie", "confidence": 0.5}, "department": {"code": "voirie", "confidence": 0.5}, "priority": {"code": "voirie", "confidence": 0.5}, "decision": "route"}', '{"category": {"code": "eau", "confidence": 0.5}, "department": {"code": "eau", "confidence": 0.5}, "priority": {"code": "eau", "confidence": 0.5}, "decision": "route"}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('alerts', 7);
INSERT INTO sqlite_sequence VALUES ('predictions', 7);
INSERT INTO sqlite_sequence VALUES ('events', 10);
INSERT INTO sqlite_sequence VALUES ('readings', 1);
INSERT INTO sqlite_sequence VALUES ('reviews', 2);
INSERT INTO sqlite_sequence VALUES ('notes', 1);
INSERT INTO sqlite_sequence VALUES ('returns', 1);
INSERT INTO sqlite_sequence VALUES ('staff', 1);
INSERT INTO sqlite_sequence VALUES ('audit', 2);
INSERT INTO sqlite_sequence VALUES ('shadow_answers', 1);
CREATE INDEX ix_clusters_merged_into ON clusters (merged_into);
CREATE INDEX ix_alerts_cluster_id ON alerts (cluster_id);
CREATE INDEX ix_alerts_covered_by ON alerts (covered_by);
CREATE INDEX ix_alerts_recurrence_of ON alerts (recurrence_of);
CREATE INDEX ix_alerts_created_at_seq ON alerts (created_at, seq);
CREATE INDEX ix_alerts_category_created_at_seq ON alerts (category, created_at, seq);
CREATE INDEX ix_alerts_state_created_at_seq ON alerts (state, created_at, seq);
CREATE INDEX ix_predictions_alert_seq_seq ON predictions (alert_seq, seq);
CREATE INDEX ix_reviews_alert_seq_seq ON reviews (alert_seq, seq);
CREATE INDEX ix_links_other_seq ON links (other_seq);
CREATE INDEX ix_events_alert_id ON events (alert_id);
CREATE INDEX ix_events_pending ON events (seq) WHERE sent_at IS NULL;
CREATE INDEX ix_readings_alert_id ON readings (alert_id);
CREATE TRIGGER alert_places_insert AFTER INSERT ON alerts WHEN NEW.lat IS NOT NULL BEGIN
        INSERT INTO alert_places VALUES (
            NEW.seq, NEW.lon, NEW.lon, NEW.lat, NEW.lat,
            (julianday(NEW.created_at) - 2440587.5) * 3e-5, (julianday(NEW.created_at) - 2440587.5) * 3e-5
        );
    END;
CREATE TRIGGER alert_places_delete AFTER DELETE ON alerts WHEN OLD.lat IS NOT NULL BEGIN
        DELETE FROM alert_places WHERE seq = OLD.seq;
    END;
CREATE INDEX ix_sessions_staff_seq ON sessions (staff_seq);
CREATE INDEX ix_sessions_ends_at ON sessions (ends_at);
CREATE INDEX ix_audit_action_seq ON audit (action, seq);
CREATE INDEX ix_audit_subject_seq ON audit (subject, seq);
CREATE INDEX ix_alerts_queue ON alerts (queue, queue_rank DESC, seq) WHERE queue IS NOT NULL;
CREATE INDEX ix_reviews_reviewer_seq ON reviews (reviewer, seq);
CREATE INDEX ix_reviews_decided_at_seq ON reviews (decided_at, seq);
CREATE INDEX ix_claims_reviewer ON claims (reviewer);
CREATE INDEX ix_returns_alert_seq ON returns (alert_seq);
CREATE INDEX ix_returns_at_seq ON returns (at, seq);
CREATE INDEX ix_notes_alert_seq ON notes (alert_seq);
CREATE INDEX ix_shadow_answers_alert_seq ON shadow_answers (alert_seq);
CREATE INDEX ix_shadow_answers_challenger_sha256_champion_sha256_at ON shadow_answers (challenger_sha256, champion_sha256, at);
