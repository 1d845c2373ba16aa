-- What a person sees of their own account.

-- When an identity last signed its person in.
alter table external_identities add column used_at bigint;

-- Whose name it was that somebody tried.
create index users_by_login on users (login);
