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
    place public.geometry(Point,4326) GENERATED ALWAYS AS (public.st_setsrid(public.st_makepoint(lon, lat), 4326)) STORED,
    queue text,
    queue_rank double precision,
    language text
);
CREATE SEQUENCE public.alerts_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alerts_seq_seq OWNED BY public.alerts.seq;
CREATE TABLE public.audit (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details json NOT NULL
);
CREATE SEQUENCE public.audit_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_seq_seq OWNED BY public.audit.seq;
CREATE TABLE public.claims (
    alert_seq bigint NOT NULL,
    reviewer text NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);
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
CREATE TABLE public.notes (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    author text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    text text NOT NULL
);
CREATE SEQUENCE public.notes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.notes_seq_seq OWNED BY public.notes.seq;
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
CREATE TABLE public.returns (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    department text NOT NULL,
    proposed text,
    reason text NOT NULL,
    by text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.returns_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.returns_seq_seq OWNED BY public.returns.seq;
CREATE TABLE public.reviews (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    reviewer text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    category text,
    department text,
    priority text,
    shown json NOT NULL,
    queue text,
    action text DEFAULT 'decide'::text NOT NULL,
    seconds double precision,
    rank integer,
    model_version text,
    note text,
    duplicate_of text,
    before json,
    undone_at timestamp with time zone,
    undone_by text
);
CREATE SEQUENCE public.reviews_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.reviews_seq_seq OWNED BY public.reviews.seq;
CREATE TABLE public.sessions (
    digest text NOT NULL,
    staff_seq bigint,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL
);
CREATE TABLE public.shadow_answers (
    seq bigint NOT NULL,
    alert_seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    champion_sha256 text NOT NULL,
    challenger_sha256 text NOT NULL,
    category text NOT NULL,
    differs boolean NOT NULL,
    champion json NOT NULL,
    challenger json NOT NULL
);
CREATE SEQUENCE public.shadow_answers_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.shadow_answers_seq_seq OWNED BY public.shadow_answers.seq;
CREATE TABLE public.skips (
    alert_seq bigint NOT NULL,
    reviewer text NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.staff (
    seq bigint NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL,
    password_hash text,
    identity text,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone
);
CREATE SEQUENCE public.staff_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.staff_seq_seq OWNED BY public.staff.seq;
CREATE TABLE public.triage_store_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.vectors (
    alert_seq bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.alerts ALTER COLUMN seq SET DEFAULT nextval('public.alerts_seq_seq'::regclass);
ALTER TABLE ONLY public.audit ALTER COLUMN seq SET DEFAULT nextval('public.audit_seq_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN seq SET DEFAULT nextval('public.events_seq_seq'::regclass);
ALTER TABLE ONLY public.notes ALTER COLUMN seq SET DEFAULT nextval('public.notes_seq_seq'::regclass);
ALTER TABLE ONLY public.predictions ALTER COLUMN seq SET DEFAULT nextval('public.predictions_seq_seq'::regclass);
ALTER TABLE ONLY public.readings ALTER COLUMN seq SET DEFAULT nextval('public.readings_seq_seq'::regclass);
ALTER TABLE ONLY public.returns ALTER COLUMN seq SET DEFAULT nextval('public.returns_seq_seq'::regclass);
ALTER TABLE ONLY public.reviews ALTER COLUMN seq SET DEFAULT nextval('public.reviews_seq_seq'::regclass);
ALTER TABLE ONLY public.shadow_answers ALTER COLUMN seq SET DEFAULT nextval('public.shadow_answers_seq_seq'::regclass);
ALTER TABLE ONLY public.staff ALTER COLUMN seq SET DEFAULT nextval('public.staff_seq_seq'::regclass);
INSERT INTO public.alerts VALUES (1, 'old-1', 'digest of old-1', 'Nid-de-poule devant le 12, tél <TEL>', 47.322, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:03+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '["abababababababababababababababababababababababababababababababab"]', 'v1', 'open', NULL, 'ae733bdbec8e42a1be4d73d826301456', 'old-4', NULL, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (4, 'old-4', 'digest of old-4', 'Toute la rue est dans le noir', 47.33, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:04+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'closed', '2026-06-02 14:00:00+02', NULL, NULL, NULL, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (6, 'old-6', 'digest of old-6', 'Banc cassé', 47.322, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 14:00:02+02', NULL, 'voirie', 'voirie', 'normale', 'review', '[]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, DEFAULT, 'review', 3.5, 'fr');
INSERT INTO public.alerts VALUES (7, 'old-7', 'digest of old-7', 'Sacs sur le trottoir', 47.322, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 14:00:02+02', NULL, 'voirie', 'voirie', 'normale', 'review', '[]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, DEFAULT, 'review', 9.5, 'fr');
INSERT INTO public.alerts VALUES (3, 'old-3', 'digest of old-3', 'Lampadaire éteint', NULL, NULL, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:10+02', NULL, 'feux_tricolores', 'trafic', 'haute', 'review', '["no_place"]', '[]', '[]', 'v1', 'open', NULL, NULL, NULL, NULL, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (5, 'old-5', 'digest of old-5', 'Encore un trou', 47.331, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:12+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[]', '[]', 'v1', 'withdrawn', NULL, NULL, NULL, 'old-4', DEFAULT, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (2, 'old-2', 'digest of old-2', 'Trou dans la chaussée au 12', 47.32201, 5.0415, '2026-06-01 14:00:00+02', '2026-06-01 14:00:02+02', '2026-06-01 15:00:13+02', NULL, 'voirie', 'voirie', 'normale', 'route', '[]', '[{"key": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "held": false, "hash": 12, "embedding": "AAEC"}]', '[]', 'v1', 'open', NULL, 'ae733bdbec8e42a1be4d73d826301456', NULL, NULL, DEFAULT, 'review', 4.5, NULL);
INSERT INTO public.audit VALUES (1, '2026-06-01 15:00:14+02', 'command line', 'account_made', 'desk-1', '{"role": "agent"}');
INSERT INTO public.audit VALUES (2, '2026-06-01 14:00:00+02', 'desk-1', 'signed_in', 'desk-1', '{}');
INSERT INTO public.claims VALUES (6, 'desk-1', '2026-06-01 14:00:00+02', '2026-06-01 14:15:00+02');
INSERT INTO public.clusters VALUES ('ae733bdbec8e42a1be4d73d826301456', '2026-06-01 15:00:01+02', NULL);
INSERT INTO public.events VALUES (3, '2dc054c6131e4e4eb4ea61d6de2412de', 'old-2', 'alert.received', '{}', '2026-06-01 15:00:01+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (4, '1d7f240cda7344d2b2f30e7ab2bd07f1', 'old-2', 'alert.merged', '{"with": "old-1"}', '2026-06-01 15:00:01+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (5, 'fc497c03c8b744b883f4733a062c8c9b', 'old-3', 'alert.received', '{}', '2026-06-01 15:00:02+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (6, 'ff8d1707cb66486ca859321e2e27e391', 'old-3', 'alert.sent_to_review', '{}', '2026-06-01 15:00:02+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (7, '3e7d3e25169549818f06576c451f06aa', 'old-4', 'alert.received', '{}', '2026-06-01 15:00:03+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (8, '3b587f7156414754a6b2e59c85cfdc39', 'old-4', 'alert.closed', '{}', '2026-06-02 14:00:00+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (1, '586a7d81d01548eab13a6e08e6029d53', 'old-1', 'alert.received', '{"lat": 47.322, "lon": 5.0415}', '2026-06-01 15:00:00+02', '2026-06-02 14:00:00+02', NULL, 1);
INSERT INTO public.events VALUES (2, 'b9c73f98df9b4ecbaccd8dd70ca25a0e', 'old-1', 'alert.triaged', '{"category": "voirie"}', '2026-06-01 15:00:00+02', NULL, '2026-06-02 14:00:00+02', 1);
INSERT INTO public.events VALUES (9, '375585fbf6b249c7bd87ba5c9e1bb0e8', 'old-3', 'alert.reviewed', '{}', '2026-06-01 15:00:10+02', NULL, NULL, 0);
INSERT INTO public.events VALUES (10, 'deb1171e5aa54c80a44a34e6840f2645', 'old-2', 'alert.returned', '{}', '2026-06-01 15:00:13+02', NULL, NULL, 0);
INSERT INTO public.links VALUES (2, 1, 'duplicate', 0.91, 1.1, 0, '[{"phrase": "within 25 m"}]');
INSERT INTO public.links VALUES (1, 4, 'covered_by', 1, 889.5606418680665, 0, '[]');
INSERT INTO public.notes VALUES (1, 6, 'desk-1', '2026-06-03 14:00:00+02', 'à revoir lundi');
INSERT INTO public.originals VALUES (1, '\x67414141414142724247612d486a586a7439775a38537268323355596f4f724e4231754e7576463265724f39796250505835586633573858386d37562d37356479466848717345644f4178424b46444c70443353526d784567365669396c50536554516f4e6d4c6c5739497a326d686f71693352374d6d486766656232314331596347464f55386b314b386d4d3968323651767243494d4e645536596235507148513d3d');
INSERT INTO public.predictions VALUES (1, 1, '2026-06-01 14:00:02+02', '{"id": "old-1", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (2, 2, '2026-06-01 14:00:02+02', '{"id": "old-2", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (3, 3, '2026-06-01 14:00:02+02', '{"id": "old-3", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (4, 4, '2026-06-01 14:00:02+02', '{"id": "old-4", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (5, 5, '2026-06-01 14:00:02+02', '{"id": "old-5", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (6, 6, '2026-06-01 14:00:02+02', '{"id": "old-6", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.predictions VALUES (7, 7, '2026-06-01 14:00:02+02', '{"id": "old-7", "category": {"code": "voirie", "confidence": 0.93, "alternatives": []}, "department": {"code": "voirie", "confidence": 0.9, "alternatives": []}, "priority": {"code": "normale", "confidence": 0.8, "alternatives": []}, "decision": "route", "reasons": [], "model": {"name": "old", "version": "1", "taxonomy": 1, "bundle_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}');
INSERT INTO public.readings VALUES (1, 'old-1', 'desk-1', 'call back', '2026-06-01 15:00:07+02');
INSERT INTO public.returns VALUES (1, 2, 'voirie', 'eau', 'pas à nous', 'desk-1', '2026-06-03 14:00:00+02');
INSERT INTO public.reviews VALUES (1, 3, 'desk-1', '2026-06-03 14:00:00+02', 'feux_tricolores', 'trafic', NULL, '{"duplicates": []}', NULL, 'decide', 3.5, 2, '1', 'vu sur place', NULL, '{"category": "eclairage_public", "department": "eclairage", "priority": "haute", "queue": null, "queue_rank": null}', NULL, NULL);
INSERT INTO public.reviews VALUES (2, 5, 'desk-1', '2026-06-03 14:00:00+02', 'proprete', 'proprete', NULL, '{}', NULL, 'decide', NULL, NULL, NULL, NULL, NULL, '{"category": "voirie", "department": "voirie", "priority": "normale", "queue": null, "queue_rank": null}', '2026-06-04 14:00:00+02', 'desk-1');
INSERT INTO public.sessions VALUES ('efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef', 1, '2026-06-01 14:00:00+02', '2026-06-01 14:00:00+02', '2026-06-02 02:00:00+02');
INSERT INTO public.shadow_answers VALUES (1, 1, '2026-06-01 14:00:00+02', '1111111111111111111111111111111111111111111111111111111111111111', '2222222222222222222222222222222222222222222222222222222222222222', 'voirie', true, '{"category": {"code": "voirie", "confidence": 0.5}, "department": {"code": "voirie", "confidence": 0.5}, "priority": {"code": "voirie", "confidence": 0.5}, "decision": "route"}', '{"category": {"code": "eau", "confidence": 0.5}, "department": {"code": "eau", "confidence": 0.5}, "priority": {"code": "eau", "confidence": 0.5}, "decision": "route"}');
INSERT INTO public.staff VALUES (1, 'desk-1', 'Desk 1', 'agent', '$argon2id$none', NULL, '2026-06-01 15:00:14+02', NULL);
INSERT INTO public.triage_store_version VALUES ('0004');
INSERT INTO public.vectors VALUES (1, '\x00ff01');
INSERT INTO public.vectors VALUES (2, '\x00ff01');
INSERT INTO public.vectors VALUES (4, '\x00ff01');
INSERT INTO public.vectors VALUES (5, '\x00ff01');
INSERT INTO public.vectors VALUES (6, '\x00ff01');
INSERT INTO public.vectors VALUES (7, '\x00ff01');
SELECT pg_catalog.setval('public.alerts_seq_seq', 7, true);
SELECT pg_catalog.setval('public.audit_seq_seq', 2, true);
SELECT pg_catalog.setval('public.events_seq_seq', 10, true);
SELECT pg_catalog.setval('public.notes_seq_seq', 1, true);
SELECT pg_catalog.setval('public.predictions_seq_seq', 7, true);
SELECT pg_catalog.setval('public.readings_seq_seq', 1, true);
SELECT pg_catalog.setval('public.returns_seq_seq', 1, true);
SELECT pg_catalog.setval('public.reviews_seq_seq', 2, true);
SELECT pg_catalog.setval('public.shadow_answers_seq_seq', 1, true);
SELECT pg_catalog.setval('public.staff_seq_seq', 1, true);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (seq);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (seq);
ALTER TABLE ONLY public.claims
    ADD CONSTRAINT pk_claims PRIMARY KEY (alert_seq);
ALTER TABLE ONLY public.clusters
    ADD CONSTRAINT pk_clusters PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (seq);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT pk_links PRIMARY KEY (alert_seq, other_seq, kind);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT pk_notes PRIMARY KEY (seq);
ALTER TABLE ONLY public.originals
    ADD CONSTRAINT pk_originals PRIMARY KEY (alert_seq);
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT pk_predictions PRIMARY KEY (seq);
ALTER TABLE ONLY public.readings
    ADD CONSTRAINT pk_readings PRIMARY KEY (seq);
ALTER TABLE ONLY public.returns
    ADD CONSTRAINT pk_returns PRIMARY KEY (seq);
ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT pk_reviews PRIMARY KEY (seq);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (digest);
ALTER TABLE ONLY public.shadow_answers
    ADD CONSTRAINT pk_shadow_answers PRIMARY KEY (seq);
ALTER TABLE ONLY public.skips
    ADD CONSTRAINT pk_skips PRIMARY KEY (alert_seq, reviewer);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT pk_staff PRIMARY KEY (seq);
ALTER TABLE ONLY public.vectors
    ADD CONSTRAINT pk_vectors PRIMARY KEY (alert_seq);
ALTER TABLE ONLY public.triage_store_version
    ADD CONSTRAINT triage_store_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT uq_alerts_id UNIQUE (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_id UNIQUE (id);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT uq_staff_identity UNIQUE (identity);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT uq_staff_name UNIQUE (name);
CREATE INDEX ix_alerts_category_created_at_seq ON public.alerts USING btree (category, created_at, seq);
CREATE INDEX ix_alerts_cluster_id ON public.alerts USING btree (cluster_id);
CREATE INDEX ix_alerts_covered_by ON public.alerts USING btree (covered_by);
CREATE INDEX ix_alerts_created_at_seq ON public.alerts USING btree (created_at, seq);
CREATE INDEX ix_alerts_place_created_at ON public.alerts USING gist (place, created_at);
CREATE INDEX ix_alerts_queue ON public.alerts USING btree (queue, queue_rank DESC, seq) WHERE (queue IS NOT NULL);
CREATE INDEX ix_alerts_recurrence_of ON public.alerts USING btree (recurrence_of);
CREATE INDEX ix_alerts_state_created_at_seq ON public.alerts USING btree (state, created_at, seq);
CREATE INDEX ix_audit_action_seq ON public.audit USING btree (action, seq);
CREATE INDEX ix_audit_subject_seq ON public.audit USING btree (subject, seq);
CREATE INDEX ix_claims_reviewer ON public.claims USING btree (reviewer);
CREATE INDEX ix_clusters_merged_into ON public.clusters USING btree (merged_into);
CREATE INDEX ix_events_alert_id ON public.events USING btree (alert_id);
CREATE INDEX ix_events_pending ON public.events USING btree (seq) WHERE (sent_at IS NULL);
CREATE INDEX ix_links_other_seq ON public.links USING btree (other_seq);
CREATE INDEX ix_notes_alert_seq ON public.notes USING btree (alert_seq);
CREATE INDEX ix_predictions_alert_seq_seq ON public.predictions USING btree (alert_seq, seq);
CREATE INDEX ix_readings_alert_id ON public.readings USING btree (alert_id);
CREATE INDEX ix_returns_alert_seq ON public.returns USING btree (alert_seq);
CREATE INDEX ix_returns_at_seq ON public.returns USING btree (at, seq);
CREATE INDEX ix_reviews_alert_seq_seq ON public.reviews USING btree (alert_seq, seq);
CREATE INDEX ix_reviews_decided_at_seq ON public.reviews USING btree (decided_at, seq);
CREATE INDEX ix_reviews_reviewer_seq ON public.reviews USING btree (reviewer, seq);
CREATE INDEX ix_sessions_ends_at ON public.sessions USING btree (ends_at);
CREATE INDEX ix_sessions_staff_seq ON public.sessions USING btree (staff_seq);
CREATE INDEX ix_shadow_answers_alert_seq ON public.shadow_answers USING btree (alert_seq);
CREATE INDEX ix_shadow_answers_challenger_sha256_champion_sha256_at ON public.shadow_answers USING btree (challenger_sha256, champion_sha256, at);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_cluster_id FOREIGN KEY (cluster_id) REFERENCES public.clusters(id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_covered_by FOREIGN KEY (covered_by) REFERENCES public.alerts(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_recurrence_of FOREIGN KEY (recurrence_of) REFERENCES public.alerts(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.claims
    ADD CONSTRAINT fk_claims_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.clusters
    ADD CONSTRAINT fk_clusters_merged_into FOREIGN KEY (merged_into) REFERENCES public.clusters(id);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_other_seq FOREIGN KEY (other_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT fk_notes_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.originals
    ADD CONSTRAINT fk_originals_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT fk_predictions_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.returns
    ADD CONSTRAINT fk_returns_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT fk_reviews_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_staff_seq FOREIGN KEY (staff_seq) REFERENCES public.staff(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.shadow_answers
    ADD CONSTRAINT fk_shadow_answers_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.skips
    ADD CONSTRAINT fk_skips_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
ALTER TABLE ONLY public.vectors
    ADD CONSTRAINT fk_vectors_alert_seq FOREIGN KEY (alert_seq) REFERENCES public.alerts(seq) ON DELETE CASCADE;
