-- Only launches without a client are looked for by their session: the application asks back by a
-- protocol (SAML, DiscourseConnect) in which it names no launch. Those of clients, which are most,
-- are found by their handle, and are no longer in this index.
drop index launches_by_session;
create index launches_without_client on launches (session_id) where client is null;
