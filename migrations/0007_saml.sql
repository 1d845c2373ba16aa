-- Requests of service providers (SAML) that wait for their person.
create table saml_requests (
    id text primary key,
    -- Nothing until a browser brings it: a form from another site comes without our cookies.
    browser_hash text,
    request text not null,
    fresh_since bigint,
    expires_at bigint not null,
    consumed_at bigint
);
create index party_sessions_by_subject on party_sessions (kind, party, subject);
create index launches_by_session on launches (session_id);
