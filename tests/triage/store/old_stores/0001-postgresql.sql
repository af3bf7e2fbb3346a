CREATE TABLE public.alerts (
    seq bigint NOT NULL,
    id text NOT NULL,
    content_sha256 text NOT NULL,
    text text NOT NULL,
    lat double precision,
    lon double precision,
    created_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    category_hint text,
    category text,
    department text,
    priority text,
    decision text NOT NULL,
    reasons json NOT NULL,
    photos json NOT NULL,
    plates json NOT NULL,
    vector_version text NOT NULL,
    state text NOT NULL,
    closed_at timestamp with time zone,
    cluster_id text,
    covered_by text,
    recurrence_of text,
    place public.geometry(Point,4326) GENERATED ALWAYS AS (public.st_setsrid(public.st_makepoint(lon, lat), 4326)) STORED
);
CREATE SEQUENCE public.alerts_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alerts_seq_seq OWNED BY public.alerts.seq;
CREATE TABLE public.clusters (
    id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    merged_into text
);
CREATE TABLE public.events (
    seq bigint NOT NULL,
    id text NOT NULL,
    alert_id text NOT NULL,
    kind text NOT NULL,
    body json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    failed_at timestamp with time zone,
    attempts integer NOT NULL
);
CREATE SEQUENCE public.events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_seq_seq OWNED BY public.events.seq;
CREATE TABLE public.links (
    alert_seq bigint NOT NULL,
    other_seq bigint NOT NULL,
    kind text NOT NULL,
    probability double precision NOT NULL,
    distance_m double precision,
    age_hours double precision NOT NULL,
    evidence json NOT NULL
);
CREATE TABLE public.originals (
    alert_seq bigint NOT NULL,
    token bytea NOT NULL
);
CREATE TABLE public.predictions (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    body json NOT NULL
);
CREATE SEQUENCE public.predictions_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.predictions_seq_seq OWNED BY public.predictions.seq;
CREATE TABLE public.readings (
    seq bigint NOT NULL,
    alert_id text NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.readings_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.readings_seq_seq OWNED BY public.readings.seq;
CREATE TABLE public.reviews (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    reviewer text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    category text,
    department text,
    priority text,
    body json NOT NULL
);
CREATE SEQUENCE public.reviews_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.reviews_seq_seq OWNED BY public.reviews.seq;
CREATE TABLE public.triage_store_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.vectors (
    alert_seq bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.alerts ALTER COLUMN seq SET DEFAULT nextval('public.alerts_seq_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN seq SET DEFAULT nextval('public.events_seq_seq'::regclass);
ALTER TABLE ONLY public.predictions ALTER COLUMN seq SET DEFAULT nextval('public.predictions_seq_seq'::regclass);
ALTER TABLE ONLY public.readings ALTER COLUMN seq SET DEFAULT nextval('public.readings_seq_seq'::regclass);
ALTER TABLE ONLY public.reviews ALTER COLUMN seq SET DEFAULT nextval('public.reviews_seq_seq'::regclass);
INSERT INTO public.alerts VALUES (2, 'old-2', 'digest of old-2', 'Trou dans la chaussée au 12', 47.32201, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:01+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[{"key": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "held": false, "hash": 12, "embedding": "AAEC"}]', '[]', 'v1', 'open', NULL, 'acc21f39c0e3421ab1caebf7d29f32c3', NULL, NULL, DEFAULT);
INSERT INTO public.alerts VALUES (1, 'old-1', 'digest of old-1', 'Nid-de-poule devant le 12, tél <TEL>', 47.322, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:03+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '["abababababababababababababababababababababababababababababababab"]', 'v1', 'open', NULL, 'acc21f39c0e3421ab1caebf7d29f32c3', 'old-4', NULL, DEFAULT);
INSERT INTO public.alerts VALUES (4, 'old-4', 'digest of old-4', 'Toute la rue est dans le noir', 47.33, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:04+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'closed', '2026-06-02 14:00:00+02', NULL, NULL, NULL, DEFAULT);
INSERT INTO public.alerts VALUES (5, 'old-5', 'digest of old-5', 'Encore un trou', 47.331, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:06+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'withdrawn', NULL, NULL, NULL, 'old-4', DEFAULT);
INSERT INTO public.alerts VALUES (3, 'old-3', 'digest of old-3', 'Lampadaire éteint', NULL, NULL, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:08+02', NULL, 'feux_tricolores', 'trafic', 'haute', 'review', '["no_place"]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, DEFAULT);
INSERT INTO public.clusters VALUES ('acc21f39c0e3421ab1caebf7d29f32c3', '2026-06-01 15:00:01+02', NULL);
INSERT INTO public.events VALUES (3, 'a2483bb87ba84af18ae15d921a2d667f', 'old-2', 'alert.received', '{}', '2026-06-01 15:00:01+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (4, 'dc7909cefdfe4f8f988aae7d1bbfce85', 'old-2', 'alert.merged', '{"with": "old-1"}', '2026-06-01 15:00:01+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (5, '1723e0a1d18d4b41ade7641c20eaf715', 'old-3', 'alert.received', '{}', '2026-06-01 15:00:02+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (6, 'ea762866e9d342f0a974e719cc2e2f65', 'old-3', 'alert.sent_to_review', '{}', '2026-06-01 15:00:02+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (7, '5f4f4f3000e64c2e93695a9bcb5c9c4d', 'old-4', 'alert.received', '{}', '2026-06-01 15:00:03+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (8, 'fdf1bc38e26a4d2aab4b6c3ca9c1d62b', 'old-4', 'alert.closed', '{}', '2026-06-02 14:00:00+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (1, '4540bc6e213a44938400e3170545178c', 'old-1', 'alert.received', '{"lat": 47.322, "lon": 5.0415}', '2026-06-01 15:00:00+02', '2026-06-02 14:00:00+02', NULL, 1);
INSERT INTO public.events VALUES (2, 'f1e20a8074d043ab994007f246a86ad2', 'old-1', 'alert.triaged', '{"category": "voirie"}', '2026-06-01 15:00:00+02', NULL, '2026-06-02 14:00:00+02', 1);
INSERT INTO public.events VALUES (9, 'ec579b896d9f41e0a435de782fe6f00f', 'old-3', 'alert.reviewed', '{}', '2026-06-01 15:00:08+02', NULL, NULL, 0);
INSERT INTO public.links VALUES (2, 1, 'duplicate', 0.91, 1.1, 0, '[{"phrase": "within 25 m"}]');
INSERT INTO public.links VALUES (1, 4, 'covered_by', 1, 889.5606418680665, 0, '[]');
INSERT INTO public.originals VALUES (1, '\x67414141414142724247617438426259392d585863395a4c2d79355453566c2d61706658747a6d682d58696457324136466e7448616e42384855337a59486f4a673075786874433777536f474579366d4754724151776446576f7975385554685a4c4d644b573548624b714734516d6e7a32696e64486a785569753830364b436a4c454854656c34575a6f45766b382d617a67496b37444a67495f434c7131567a673d3d');
INSERT INTO public.predictions VALUES (1, 1, '2026-06-01 14:00:02+02', '{"id": "old-1", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (2, 2, '2026-06-01 14:00:02+02', '{"id": "old-2", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (3, 3, '2026-06-01 14:00:02+02', '{"id": "old-3", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (4, 4, '2026-06-01 14:00:02+02', '{"id": "old-4", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (5, 5, '2026-06-01 14:00:02+02', '{"id": "old-5", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.readings VALUES (1, 'old-1', 'desk-1', 'call back', '2026-06-01 15:00:07+02');
INSERT INTO public.reviews VALUES (1, 3, 'desk-1', '2026-06-03 14:00:00+02', 'feux_tricolores', 'trafic', NULL, '{"seconds": 3.5}');
INSERT INTO public.triage_store_version VALUES ('0001');
INSERT INTO public.vectors VALUES (1, '\x00ff01');
INSERT INTO public.vectors VALUES (2, '\x00ff01');
INSERT INTO public.vectors VALUES (4, '\x00ff01');
INSERT INTO public.vectors VALUES (5, '\x00ff01');
SELECT pg_catalog.setval('public.alerts_seq_seq', 5, true);
SELECT pg_catalog.setval('public.events_seq_seq', 9, true);
SELECT pg_catalog.setval('public.predictions_seq_seq', 5, true);
SELECT pg_catalog.setval('public.readings_seq_seq', 1, true);
SELECT pg_catalog.setval('public.reviews_seq_seq', 1, true);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (seq);
ALTER TABLE ONLY public.clusters
    ADD CONSTRAINT pk_clusters PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (seq);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT pk_links PRIMARY KEY (alert_seq, other_seq, kind);
ALTER TABLE ONLY public.originals
    ADD CONSTRAINT pk_originals PRIMARY KEY (alert_seq);
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT pk_predictions PRIMARY KEY (seq);
ALTER TABLE ONLY public.readings
    ADD CONSTRAINT pk_readings PRIMARY KEY (seq);
ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT pk_reviews PRIMARY KEY (seq);
ALTER TABLE ONLY public.vectors
    ADD CONSTRAINT pk_vectors PRIMARY KEY (alert_seq);
ALTER TABLE ONLY public.triage_store_version
    ADD CONSTRAINT triage_store_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT uq_alerts_id UNIQUE (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_id UNIQUE (id);
CREATE INDEX ix_alerts_category_created_at_seq ON public.alerts USING btree (category, created_at, seq);
CREATE INDEX ix_alerts_cluster_id ON public.alerts USING btree (cluster_id);
CREATE INDEX ix_alerts_covered_by ON public.alerts USING btree (covered_by);
CREATE INDEX ix_alerts_created_at_seq ON public.alerts USING btree (created_at, seq);
CREATE INDEX ix_alerts_place_created_at ON public.alerts USING gist (place, created_at);
CREATE INDEX ix_alerts_recurrence_of ON public.alerts USING btree (recurrence_of);
CREATE INDEX ix_alerts_state_created_at_seq ON public.alerts USING btree (state, created_at, seq);
CREATE INDEX ix_clusters_merged_into ON public.clusters USING btree (merged_into);
CREATE INDEX ix_events_alert_id ON public.events USING btree (alert_id);
CREATE INDEX ix_events_pending ON public.events USING btree (seq) WHERE (sent_at IS NULL);
CREATE INDEX ix_links_other_seq ON public.links USING btree (other_seq);
CREATE INDEX ix_predictions_alert_seq_seq ON public.predictions USING btree (alert_seq, seq);
CREATE INDEX ix_readings_alert_id ON public.readings USING btree (alert_id);
CREATE INDEX ix_reviews_alert_seq_seq ON public.reviews USING btree (alert_seq, seq);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_cluster_id FOREIGN KEY (cluster_id) REFERENCES public.clusters(id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_covered_by FOREIGN KEY (covered_by) REFERENCES public.alerts(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_recurrence_of FOREIGN KEY (recurrence_of) REFERENCES public.alerts(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.clusters
    ADD CONSTRAINT fk_clusters_merged_into FOREIGN KEY (merged_into) REFERENCES public.clusters(id);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_other_seq FOREIGN KEY (other_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.originals
    ADD CONSTRAINT fk_originals_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT fk_predictions_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT fk_reviews_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.vectors
    ADD CONSTRAINT fk_vectors_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
