-- What service providers were given: one SessionIndex for each assertion, so that each session over
-- there can be ended and its end is known.
create table saml_assertions (
    session_id text not null,
    party text not null,
    subject text not null,
    session_index text not null,
    issued_at bigint not null,
    -- Our latest logout request about it: its answer names it.
    request_id text,
    asked_at bigint,
    -- When the service provider said that it has ended.
    ended_at bigint,
    primary key (session_id, party, session_index)
);
create index saml_assertions_by_subject on saml_assertions (party, subject);
create index saml_assertions_by_request on saml_assertions (request_id) where request_id is not null;

insert into saml_assertions (session_id, party, subject, session_index, issued_at)
select session_id, party, subject, session_index, started_at from party_sessions
where kind = 'saml' and session_index is not null;
