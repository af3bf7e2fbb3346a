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
	recurrence_of TEXT,
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
	body JSON NOT NULL,
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
INSERT INTO triage_store_version VALUES ('0001');
INSERT INTO clusters VALUES ('95155710b8da4d73b4599f0368db7f9b', '2026-06-01 13:00:01.000000', NULL);
INSERT INTO alerts VALUES (1, 'old-1', 'digest of old-1', 'Nid-de-poule devant le 12, tél <TEL>', 47.322, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:03.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '["abababababababababababababababababababababababababababababababab"]', 'v1', 'open', NULL, '95155710b8da4d73b4599f0368db7f9b', 'old-4', NULL);
INSERT INTO alerts VALUES (2, 'old-2', 'digest of old-2', 'Trou dans la chaussée au 12', 47.32201, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:01.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[{"key": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "held": false, "hash": 12, "embedding": "AAEC"}]', '[]', 'v1', 'open', NULL, '95155710b8da4d73b4599f0368db7f9b', NULL, NULL);
INSERT INTO alerts VALUES (3, 'old-3', 'digest of old-3', 'Lampadaire éteint', NULL, NULL, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:08.000000', NULL, 'feux_tricolores', 'trafic', 'haute', 'review', '["no_place"]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL);
INSERT INTO alerts VALUES (4, 'old-4', 'digest of old-4', 'Toute la rue est dans le noir', 47.33, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:04.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'closed', '2026-06-02 12:00:00.000000', NULL, NULL, NULL);
INSERT INTO alerts VALUES (5, 'old-5', 'digest of old-5', 'Encore un trou', 47.331, 5.0415, '2026-06-01 12:00:00.000000', '2026-06-01 12:00:02.000000', '2026-06-01 13:00:06.000000', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'withdrawn', NULL, NULL, NULL, 'old-4');
INSERT INTO vectors VALUES (1, X'00ff01');
INSERT INTO vectors VALUES (2, X'00ff01');
INSERT INTO vectors VALUES (4, X'00ff01');
INSERT INTO vectors VALUES (5, X'00ff01');
INSERT INTO originals VALUES (1, X'67414141414142724247616e2d632d39615038446f575f7237734d7778564858614a436f474c5f757363625052776a34456e58726b75456363585a4e6a6f55625737394e50346946744e436a4e782d6656795930375f4b68506449496a6a6f35385631693972564d7350624e796370343264465575424e377a7357475045717a6e6250705159427961714837516c4973685f5745655447622d5a494652696c345f513d3d');
INSERT INTO predictions VALUES (1, 1, '2026-06-01 12:00:02.000000', '{"id": "old-1", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (2, 2, '2026-06-01 12:00:02.000000', '{"id": "old-2", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (3, 3, '2026-06-01 12:00:02.000000', '{"id": "old-3", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (4, 4, '2026-06-01 12:00:02.000000', '{"id": "old-4", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO predictions VALUES (5, 5, '2026-06-01 12:00:02.000000', '{"id": "old-5", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO reviews VALUES (1, 3, 'desk-1', '2026-06-03 12:00:00.000000', 'feux_tricolores', 'trafic', NULL, '{"seconds": 3.5}');
INSERT INTO links VALUES (2, 1, 'duplicate', 0.91, 1.1, 0.0, '[{"phrase": "within 25 m"}]');
INSERT INTO links VALUES (1, 4, 'covered_by', 1.0, 889.5606418680665, 0.0, '[]');
INSERT INTO events VALUES (1, '98a7d4a10577456fa8b562717a7e998e', 'old-1', 'alert.received', '{"lat": 47.322, "lon": 5.0415}', '2026-06-01 13:00:00.000000', '2026-06-02 12:00:00.000000', NULL, 1);
INSERT INTO events VALUES (2, 'a414f09b6fbd402dadeab80811f8ce08', 'old-1', 'alert.triaged', '{"category": "voirie"}', '2026-06-01 13:00:00.000000', NULL, '2026-06-02 12:00:00.000000', 1);
INSERT INTO events VALUES (3, 'cd807092d37e427e9c30ab78fad04263', 'old-2', 'alert.received', '{}', '2026-06-01 13:00:01.000000', NULL, NULL, 0);
INSERT INTO events VALUES (4, '9f6b62e6740548fb9aeff26433da07f4', 'old-2', 'alert.merged', '{"with": "old-1"}', '2026-06-01 13:00:01.000000', NULL, NULL, 0);
INSERT INTO events VALUES (5, '91b5ed3c17ae47c0be2061683d7b796f', 'old-3', 'alert.received', '{}', '2026-06-01 13:00:02.000000', NULL, NULL, 0);
INSERT INTO events VALUES (6, '9d8b14e0c5b84cf89d1cea792443125c', 'old-3', 'alert.sent_to_review', '{}', '2026-06-01 13:00:02.000000', NULL, NULL, 0);
INSERT INTO events VALUES (7, '68a4f2994240423c93d3d2832b0be950', 'old-4', 'alert.received', '{}', '2026-06-01 13:00:03.000000', NULL, NULL, 0);
INSERT INTO events VALUES (8, 'd65f8273e8824987af30575bc780818d', 'old-4', 'alert.closed', '{}', '2026-06-02 12:00:00.000000', NULL, NULL, 0);
INSERT INTO events VALUES (9, '1d1461351ec04188b029c58088bb4e1e', 'old-3', 'alert.reviewed', '{}', '2026-06-01 13:00:08.000000', NULL, NULL, 0);
INSERT INTO readings VALUES (1, 'old-1', 'desk-1', 'call back', '2026-06-01 13:00:07.000000');
INSERT INTO alert_places VALUES (1, 5.041499614715576, 5.041500091552734, 47.321998596191406, 47.32200622558594, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (2, 5.041499614715576, 5.041500091552734, 47.32200622558594, 47.3220100402832, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (4, 5.041499614715576, 5.041500091552734, 47.329994201660156, 47.33000183105469, 0.6181648969650269, 0.6181650161743164);
INSERT INTO alert_places VALUES (5, 5.041499614715576, 5.041500091552734, 47.33099365234375, 47.33100128173828, 0.6181648969650269, 0.6181650161743164);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('alerts', 5);
INSERT INTO sqlite_sequence VALUES ('predictions', 5);
INSERT INTO sqlite_sequence VALUES ('events', 9);
INSERT INTO sqlite_sequence VALUES ('readings', 1);
INSERT INTO sqlite_sequence VALUES ('reviews', 1);
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
